import { CutroomError } from '#contracts/errors';
import { createLineSplitter } from '../child/stdout.ts';
import type { FrameIndex } from './gop.ts';
import type { ProbedStream } from './probe-schema.ts';
import type { ProbeContext } from './streams.ts';

/** Kinds of coded slices at which decoding may begin with nothing before: H.264 IDR, HEVC IDR with and without leading pictures. */
const freshStarts: Partial<Record<string, string>> = { h264: '5', hevc: '19-20' };

/**
 * The key frames from which a copy cannot begin: those that later-coded pictures precede, and those that containers call
 * key frames though pictures behind them may refer to pictures before them. Reads the stream once without decoding;
 * a stream that cannot be taken apart is copied from nowhere.
 */
export async function findOpenGops(
  { path, stream, index }: { path: string; stream: ProbedStream; index: FrameIndex },
  context: ProbeContext,
): Promise<number[]> {
  const types = freshStarts[stream.codec_name ?? ''];
  if (types === undefined) return index.openGops;
  const fresh = new Set<number>();
  const onStdout = createLineSplitter((line) => void fresh.add(Number(line.split(',')[2])));
  const { media, cwd, signal } = context;
  const command = buildFreshStartsCommand({ path, index: stream.index, types });
  await media.run(command, { cwd, signal, onStdout }).catch(acceptUnreadable);
  return index.keyframes.filter((key) => index.openGops.includes(key) || !fresh.has(index.pts[key]!));
}

/** Prints a line for each packet that still holds something when every other kind of unit is taken out. */
function buildFreshStartsCommand({ path, index, types }: { path: string; index: number; types: string }) {
  const options = ['-map', `0:${index}`, '-c', 'copy', '-bsf:v', `filter_units=pass_types=${types}`, '-f', 'framecrc'];
  return { inputs: [{ path, options: ['-copyts'] }], outputs: [{ path: 'pipe:1', options }] };
}

function acceptUnreadable(error: unknown): void {
  if (!(error instanceof CutroomError) || error.code !== 'TOOL_FAILED') throw error;
}
