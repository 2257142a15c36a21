import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScoredFrame, VideoSignals } from '#contracts/artifacts';
import type { FrameRange } from '#contracts/plan';
import type { MediaTools } from '../ffmpeg.ts';
import { countFrames } from '../render/pieces.ts';
import { createCutFinder } from './cut-finder.ts';
import { scoreBytes, scoreFrame } from './frame-score.ts';
import { planCloseLook, tailFrames, toSceneList } from './scene-keys.ts';
import { findCuts, thumbBytes } from './scene-rule.ts';
import { buildScanCommand, candidateFile, chooseScan, type ScannedVideo, toCandidateStep } from './scene-scan.ts';
import { buildSecondLook, type SecondLook, stillFile } from './second-look.ts';

export interface SceneInput {
  path: string;
  video: ScannedVideo;
  tools: MediaTools;
}

interface Run {
  cwd: string;
  signal: AbortSignal;
}

/**
 * Scene changes and scored thumbnail candidates. Short videos are decoded whole. Of longer ones only the key frames are
 * decoded, and then, picture by picture, those groups whose ends differ, up to 12 % of all frames, most different
 * first. A change away and back inside one group is not seen, nor one after that share is used up whose place the
 * encoder did not mark with a key frame of its own.
 */
export async function analyzeVideo(input: SceneInput, run: Run): Promise<VideoSignals> {
  return chooseScan(input.video) === 'keys' ? scanKeys(input, run) : scanAll(input, run);
}

async function scanKeys(input: SceneInput, run: Run): Promise<VideoSignals> {
  const { keyframes } = input.video;
  const step = toCandidateStep(keyframes.length);
  const keys: Uint8Array[] = [];
  await decodeThumbs(buildScanCommand({ ...input, kind: 'keys', step }), { input, run, take: (thumb) => keys.push(thumb) });
  // a decoder that gives more or fewer pictures than there are key packets leaves no way to tell which is which
  if (keys.length !== keyframes.length) return scanAll(input, run);
  const look = planCloseLook(keys, input.video);
  const [candidates, found] = [
    await readPictures(join(run.cwd, candidateFile), (index) => keyframes[index * step]!),
    await lookAgain(look, { input, run }),
  ];
  return {
    scenes: toSceneList([...look.assumed, ...found.scenes], input.video),
    candidates: [...candidates, ...found.candidates].sort((a, b) => a.frame - b.frame),
  };
}

async function scanAll(input: SceneInput, run: Run): Promise<VideoSignals> {
  const step = toCandidateStep(input.video.frames);
  const finder = createCutFinder();
  await decodeThumbs(buildScanCommand({ ...input, kind: 'all', step }), { input, run, take: finder.push });
  return { scenes: finder.finish(), candidates: await readPictures(join(run.cwd, candidateFile), (index) => index * step) };
}

/** Scenes that begin inside the spans, and the stills scored. Nothing, when the pictures are not those asked for. */
async function lookAgain(look: SecondLook, { input, run }: { input: SceneInput; run: Run }): Promise<VideoSignals> {
  if (look.spans.length + look.stills.length === 0) return { scenes: [], candidates: [] };
  const thumbs: Uint8Array[] = [];
  await decodeThumbs(buildSecondLook({ ...input, ...look }), { input, run, take: (thumb) => thumbs.push(thumb) });
  const candidates = look.stills.length > 0 ? await readPictures(join(run.cwd, stillFile), (index) => look.stills[index]!) : [];
  return { scenes: countFrames(look.spans) === thumbs.length ? findInSpans(look.spans, thumbs) : [], candidates };
}

/** First frames of scenes inside each span, but its own first and those that only its tail shows. */
function findInSpans(spans: readonly FrameRange[], thumbs: readonly Uint8Array[]): number[] {
  let from = 0;
  return spans.flatMap(({ start_frame, end_frame }) => {
    const own = thumbs.slice(from, from + end_frame - start_frame);
    from += own.length;
    return findCuts(own)
      .map((cut) => cut + start_frame)
      .filter((cut) => cut <= end_frame - tailFrames);
  });
}

async function decodeThumbs(
  command: ReturnType<typeof buildScanCommand>,
  { input, run, take }: { input: SceneInput; run: Run; take: (thumb: Uint8Array) => void },
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  const onStdout = (chunk: Buffer) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % thumbBytes);
    for (let at = 0; at < whole; at += thumbBytes) take(Uint8Array.from(bytes.subarray(at, at + thumbBytes)));
    rest = bytes.subarray(whole);
  };
  await input.tools.run(command, { ...run, onStdout });
}

async function readPictures(path: string, toFrame: (index: number) => number): Promise<ScoredFrame[]> {
  const bytes = await readFile(path);
  const count = Math.floor(bytes.length / scoreBytes);
  return Array.from({ length: count }, (_, index) =>
    scoreFrame(toFrame(index), bytes.subarray(index * scoreBytes, (index + 1) * scoreBytes)),
  );
}
