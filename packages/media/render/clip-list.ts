import type { Artifacts } from '#contracts/artifacts';
import type { EditPlan, FrameRange, PlannedClip, PlanWord } from '#contracts/plan';
import type { ClipSpec } from '#contracts/render-specs';
import type { Settings } from '#contracts/settings';
import type { Capabilities } from '../capabilities.ts';
import { selectBurnWords } from '../captions/ass.ts';
import { toLine } from '../captions/lines.ts';
import { toPieceSpans } from '../reframe/piece.ts';
import { chooseShape } from '../reframe/shape.ts';
import { sampleAt } from '../sound/sample-grid.ts';
import { findKeyFrame, toSeconds } from '../source/frame-time.ts';
import { canMapLight, toToneMap } from './dynamic-range.ts';
import { chooseEncoder } from './encoder.ts';
import { choosePicture } from './picture.ts';
import { countFrames, intersect } from './pieces.ts';

export interface ClipListInput {
  source: Artifacts['source'];
  plan: EditPlan;
  audio: Artifacts['audio'];
  settings: Pick<Settings, 'mode' | 'quality' | 'output' | 'clips'>;
  capabilities: Pick<Capabilities, 'build' | 'deepEncoders' | 'encoders' | 'filters' | 'hardware'>;
}

/** The planned clips, each complete in itself: its frames, its camera, the words burnt into it, its stretch of the finished sound. */
export function buildClipList(input: ClipListInput): Artifacts['clip_list'] {
  return { clips: input.plan.clips.map((clip, index) => toClipSpec(clip, index, input)) };
}

function toClipSpec(clip: PlannedClip, index: number, input: ClipListInput): ClipSpec {
  const { plan, source, audio } = input;
  const { fps } = source.video;
  const startFrame = countFrames(intersect(plan.keep, { start_frame: 0, end_frame: clip.start_frame }));
  const keep = intersect(plan.keep, clip);
  const endFrame = startFrame + countFrames(keep);
  const [startS, endS] = [toSeconds(startFrame, fps), toSeconds(endFrame, fps)];
  const words = plan.captions.words.filter((word) => word.start_s >= startS - halfWordS && word.end_s <= endS + halfWordS);
  const grid = { fps, sampleRate: audio.sample_rate };
  const start = sampleAt(startFrame, grid);
  return {
    number: index + 1,
    title: clip.title,
    score: clip.score,
    text: toLine(words),
    start_s: startS,
    end_s: endS,
    picture: toPicture({ clip, keep, words, startS, endS }, input),
    sound: audio.blob && {
      blob: { key: audio.blob.key, sha256: audio.blob.sha256 },
      start,
      samples: sampleAt(endFrame, grid) - start,
      rate: audio.sample_rate,
    },
  };
}

/** Times of words and frames are rounded apart by less. */
const halfWordS = 0.005;

interface Shown {
  clip: PlannedClip;
  keep: FrameRange[];
  words: PlanWord[];
  startS: number;
  endS: number;
}

function toPicture({ clip, keep, words, startS, endS }: Shown, { source, settings, capabilities }: ClipListInput): ClipSpec['picture'] {
  const { video } = source;
  const { index, fps, start_s, width, height, rotation } = video;
  const wish = { video, quality: settings.quality, maxHeight: settings.output.max_height };
  const shape = chooseShape({ ...wish, aspect: settings.clips?.aspect ?? 'source' });
  const picture = shape?.picture ?? choosePicture(wish);
  const size = shape ?? picture;
  return {
    source: { key: source.blob.key, sha256: source.blob.sha256 },
    video: { index, fps, start_s, width, height, rotation },
    keep,
    frames: countFrames(keep),
    decode_from: findKeyFrame(video.keyframes, keep[0]!.start_frame),
    picture: { ...picture, ...(video.hdr && canMapLight(capabilities) ? toToneMap(video) : { tone_map: false }) },
    encoder: chooseEncoder(settings, { fps, segments: 1, bitDepth: video.hdr ? 8 : video.bit_depth, capabilities }),
    burn: selectBurnWords(words, { startS, endS, width: size.width, height: size.height }),
    smart: null,
    ...(shape && { reframe: { width: shape.width, height: shape.height, spans: toPieceSpans(clip.reframe, keep) } }),
    tool: capabilities.build,
  };
}
