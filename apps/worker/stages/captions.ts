import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFile } from '#contracts/artifacts';
import { toFps } from '#contracts/rational';
import type { CaptionFormat } from '#contracts/request';
import { buildAss } from '#media/captions/ass';
import { buildSrt, buildVtt } from '#media/captions/captions';
import type { Stage } from '../stage.ts';

const captionFont = 'DejaVu Sans';
const contentTypes: Record<CaptionFormat, string> = { srt: 'application/x-subrip', vtt: 'text/vtt', ass: 'text/x-ssa' };

export const runCaptions: Stage<'captions'> = async ({ plan }, { scratch, store }) => {
  const { words, formats } = plan.captions;
  if (words.length === 0) return { outputs: [], warnings: [] }; // `finish` says why
  const { width, height, fps } = plan.source;
  const build: Record<CaptionFormat, () => string> = {
    srt: () => buildSrt(words),
    vtt: () => buildVtt(words),
    ass: () => buildAss(words, { width, height, fps: toFps(fps), font: captionFont }),
  };
  const outputs = formats.map(async (format): Promise<OutputFile> => {
    const name = `captions.${format}`;
    await writeFile(join(scratch, name), build[format]());
    return { name, kind: 'captions', blob: await store(join(scratch, name), contentTypes[format]) };
  });
  return { outputs: await Promise.all(outputs), warnings: [] };
};
