import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { MediaTools } from '../ffmpeg.ts';
import { buildSimilarityCommand, type Compared, type SampleSpan, type Similarity, toSimilarity } from './similarity.ts';

const logFile = 'vmaf.json';
const logSchema = z.object({ frames: z.array(z.object({ metrics: z.object({ vmaf: z.number() }) })) });

/** VMAF (0–100, the filter's own default model) between source and output over these spans; null where this ffmpeg cannot tell. */
export async function measureVmaf(
  { spans, compared, tools }: { spans: readonly SampleSpan[]; compared: Compared; tools: Pick<MediaTools, 'run' | 'capabilities'> },
  options: { cwd: string; signal: AbortSignal },
): Promise<Similarity | null> {
  if (!tools.capabilities.filters.has('libvmaf')) return null;
  const values: number[] = [];
  for (const span of spans) {
    await tools.run(buildSimilarityCommand(span, compared, { metric: `libvmaf=log_fmt=json:log_path=${logFile}` }), options);
    const { frames } = logSchema.parse(JSON.parse(await readFile(join(options.cwd, logFile), 'utf8')));
    values.push(...frames.map(({ metrics }) => metrics.vmaf));
  }
  return toSimilarity(values);
}
