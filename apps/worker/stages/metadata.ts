import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';

export const runMetadata: Stage<'metadata'> = async (
  { settings, plan, video_signals, research, sights },
  { decide, scratch, signal, store },
) => {
  const known = { plan, scenes: video_signals.scenes, sourceName: settings.source_name, research, sights };
  const metadata = await decide((director) => director.describe(known, signal));
  const path = join(scratch, 'metadata.json');
  await writeFile(path, JSON.stringify(metadata, null, 2));
  return { outputs: [{ name: 'metadata.json', kind: 'metadata', blob: await store(path, 'application/json') }], warnings: [] };
};
