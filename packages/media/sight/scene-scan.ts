import type { VideoFacts } from '#contracts/footage';
import type { MediaCommand } from '../command.ts';
import { toSeconds } from '../source/frame-time.ts';
import { scoreHeight, scoreWidth } from './frame-score.ts';
import { thumbHeight, thumbWidth } from './scene-rule.ts';

/** Which pictures a first look decodes. */
export type ScanKind = 'keys' | 'all';
export type ScannedVideo = Pick<VideoFacts, 'index' | 'fps' | 'frames' | 'start_s' | 'keyframes'>;

export const candidateFile = 'candidates.yuv';
const mostCandidates = 60;
/** Below this, key frames save nothing worth a second look. */
const shortVideoS = 20;
/** Farther apart, key frames say too little; nearer together, they are nearly all there is to decode. */
const farthestKeysS = 12;
const nearestKeysS = 0.25;
/** A deblocked picture and a plain one are alike at 64×36, and deblocking is a fifth of the decoder's work. */
export const quickDecode = ['-skip_loop_filter', 'all'];

export function chooseScan({ fps, frames, keyframes }: ScannedVideo): ScanKind {
  const spacingS = toSeconds(frames, fps) / Math.max(1, keyframes.length);
  return toSeconds(frames, fps) <= shortVideoS || spacingS > farthestKeysS || spacingS < nearestKeysS ? 'all' : 'keys';
}

/** Every how many decoded pictures one is kept as a candidate. */
export function toCandidateStep(decoded: number): number {
  return Math.max(1, Math.ceil(decoded / mostCandidates));
}

/** One decode, two looks: thumbnails of every decoded picture on stdout, larger ones of every `step`th in a file. */
export function buildScanCommand(input: { path: string; video: ScannedVideo; kind: ScanKind; step: number }): MediaCommand {
  // two threads take a third more CPU for key frames alone, and the sound is looked at meanwhile
  const onlyKeys = input.kind === 'keys' ? ['-threads', '1', '-skip_frame', 'nokey'] : [];
  const raw = ['-fps_mode', 'passthrough', '-f', 'rawvideo'];
  return {
    inputs: [{ path: input.path, options: [...quickDecode, ...onlyKeys] }],
    filterGraph: [
      `[0:${input.video.index}]scale=${scoreWidth}:${scoreHeight}:flags=area,split[small][large]`,
      `[small]scale=${thumbWidth}:${thumbHeight}:flags=area,format=gray[thumbs]`,
      `[large]select='not(mod(n,${input.step}))',format=yuv420p[candidates]`,
    ].join(';'),
    outputs: [
      { path: 'pipe:1', options: ['-map', '[thumbs]', ...raw] },
      { path: candidateFile, options: ['-map', '[candidates]', ...raw] },
    ],
  };
}
