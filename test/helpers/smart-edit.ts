import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Artifacts } from '#contracts/artifacts';
import type { FrameRange } from '#contracts/plan';
import type { MadeSpan, Timeline } from '#contracts/render-specs';
import type { MediaTools } from '#media/ffmpeg';
import { type AssembledVideo, type AssembleInput, assembleVideo } from '#media/render/assemble';
import { type RenderedChunk, renderChunk } from '#media/render/chunk';
import { buildTimeline, type TimelineInput } from '#media/render/timeline';
import { intermediateFile, runNormalize } from '#media/source/normalize';
import { probeSource } from '#media/source/probe';
import { planFor } from './plans.ts';
import { framesOf } from './specs.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

export type Footage = Artifacts['source'] & { path: string; container: string };

export interface Edit {
  timeline: Timeline;
  chunks: RenderedChunk[];
  spans: MadeSpan[];
  video: AssembledVideo;
}

interface EditWish {
  footage: Footage;
  keep: FrameRange[];
  /** Finished sound of the edit's length; none by default. */
  audio?: AssembleInput['audio'];
  change?: Partial<TimelineInput['settings']>;
}

const settings = {
  mode: 'fast',
  quality: 'high',
  smart_render: 'auto',
  output: { aspect: 'source', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' },
} as const satisfies TimelineInput['settings'];

/** Footage as the stages before an edit find it: probed, and made even where its frames cannot be trusted. */
export async function readFootage(path: string, { tools, folder }: { tools: MediaTools; folder: string }): Promise<Footage> {
  const cwd = await mkdtemp(join(folder, 'footage-'));
  const facts = await probeSource(path, { media: tools, cwd, signal });
  const blob = { key: path, bytes: 1, sha256: path, content_type: 'video/mp4' };
  const { container } = facts;
  if (facts.normalize.length === 0) return { path, container, blob, normalized: false, video: facts.video };
  const video = await runNormalize({ path, facts }, { media: tools, cwd, signal });
  return { path: join(cwd, intermediateFile), container, blob, normalized: true, video };
}

/** An edit as the stages make it, without the machinery around them. */
export async function renderEdit(
  { footage, keep, audio = null, change = {} }: EditWish,
  { tools, folder }: { tools: MediaTools; folder: string },
): Promise<Edit> {
  const plan = planFor(footage, keep);
  const videoSignals = { scenes: [], candidates: [] };
  const input = { source: footage, container: footage.container, plan, videoSignals, capabilities: tools.capabilities };
  const timeline = buildTimeline({ ...input, settings: { ...settings, ...change } });
  const chunks: RenderedChunk[] = [];
  for (const spec of timeline.chunks) {
    const cwd = await mkdtemp(join(folder, 'piece-'));
    chunks.push(await renderChunk({ spec, sourcePath: footage.path, tools }, { cwd, signal }));
  }
  const cwd = await mkdtemp(join(folder, 'join-'));
  const video = await assembleVideo({ source: footage, plan, timeline, pieces: chunks, audio, tools }, { cwd, signal });
  return { timeline, chunks, spans: chunks.flatMap(({ spans }) => spans), video };
}

export interface Findings {
  frames: number;
  planned: number;
  copied: number;
  /** Copied frames whose decoded picture is not the source's, bit for bit. */
  unequal: number;
  messages: string;
  /** Least SSIM of the two frames on either side of a seam; null without seams. */
  seamsMin: number | null;
  /** Least SSIM of any frame: a frame of another moment gives itself away. */
  worst: number;
}

/** An independent look at an edit: plain ffmpeg, every frame. `meant` = sums of the footage, where somebody has them. */
export async function examine({
  footage,
  keep,
  edit,
  folder,
  meant,
}: {
  footage: Footage;
  keep: FrameRange[];
  edit: Edit;
  folder: string;
  meant?: readonly string[];
}): Promise<Findings> {
  const sums = meant ?? (await readFootageSums(footage));
  const { made, messages } = await decodeAll(edit.video.path);
  const frames = framesOf(keep);
  const hows = edit.spans.flatMap(({ how, frames }) => Array.from({ length: frames }, () => how));
  const copied = frames.map((frame, index) => ({ frame, index })).filter(({ index }) => hows[index] === 'copy');
  const likeness = await compare({ footage, keep, made: edit.video.path, folder });
  const atSeam = (index: number) =>
    [-2, -1, 0, 1].some(
      (by) => hows[index + by] !== undefined && hows[index + by + 1] !== undefined && hows[index + by] !== hows[index + by + 1],
    );
  const seams = likeness.filter((_, index) => atSeam(index));
  return {
    frames: made.length,
    planned: frames.length,
    copied: copied.length,
    unequal: copied.filter(({ frame, index }) => sums[frame] === undefined || sums[frame] !== made[index]).length,
    messages,
    seamsMin: seams.length > 0 ? Math.min(...seams) : null,
    worst: Math.min(...likeness),
  };
}

const asStored = ['-fps_mode', 'passthrough', '-f', 'framemd5', '-'];

/** One sum a frame, of pictures as they are stored. */
export async function readFootageSums({ path, video }: Footage): Promise<string[]> {
  const args = ['-v', 'error', '-noautorotate', '-i', path, '-map', `0:${video.index}`, ...asStored];
  return toSums((await run('ffmpeg', args, { maxBuffer: 2 ** 28 })).stdout);
}

/** The same of what was delivered, and all that ffmpeg has to say while it decodes picture and sound. */
async function decodeAll(path: string): Promise<{ made: string[]; messages: string }> {
  const args = ['-v', 'warning', '-noautorotate', '-i', path, '-map', '0:v:0', ...asStored, '-map', '0:a?', '-f', 'null', '-'];
  const { stdout, stderr } = await run('ffmpeg', args, { maxBuffer: 2 ** 28 });
  return { made: toSums(stdout), messages: stderr };
}

const toSums = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : line.split(',').at(-1)!.trim()));

/** SSIM of luma, frame by frame, with the kept frames of the source. On one time base: `ssim` pairs by time. */
async function compare({
  footage,
  keep,
  made,
  folder,
}: {
  footage: Footage;
  keep: FrameRange[];
  made: string;
  folder: string;
}): Promise<number[]> {
  const cwd = await mkdtemp(join(folder, 'compare-'));
  const between = keep.map(({ start_frame, end_frame }) => `between(n,${start_frame},${end_frame - 1})`).join('+');
  const kept = `trim=end_frame=${keep.at(-1)!.end_frame},select='${between}'`;
  const graph = `[0:v:0]settb=1/30,setpts=N,format=yuv420p[a];[1:${footage.video.index}]${kept},settb=1/30,setpts=N,format=yuv420p[b];[a][b]ssim=stats_file=ssim.log`;
  await run(
    'ffmpeg',
    ['-v', 'error', '-i', made, '-i', footage.path, '-fps_mode', 'passthrough', '-filter_complex', graph, '-f', 'null', '-'],
    { cwd },
  );
  return [...(await readFile(join(cwd, 'ssim.log'), 'utf8')).matchAll(/ Y:([\d.]+)/g)].map(([, value]) => Number(value));
}
