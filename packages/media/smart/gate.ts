import type { Artifacts } from '#contracts/artifacts';
import type { VideoFacts } from '#contracts/footage';
import type { EditPlan } from '#contracts/plan';
import { parseRational } from '#contracts/rational';
import type { Encoder, Match, Picture } from '#contracts/render-specs';
import type { Settings } from '#contracts/settings';
import { matchEncoder } from '../render/match.ts';
import { countFrames } from '../render/pieces.ts';
import { toSeconds } from '../source/frame-time.ts';

export interface GateInput {
  source: Artifacts['source'];
  plan: EditPlan;
  settings: Pick<Settings, 'quality' | 'smart_render'>;
  picture: Picture;
  /** Another shape is cut out of it, wherever the camera stands. */
  isReframed: boolean;
  encoder: Encoder;
}

/** Beyond this mean distance of places to copy from, a piece holds hardly any whole group. */
const longestGopS = 10;

/**
 * What encoded pictures have to match so that others can be copied, or the named reason why every frame is encoded.
 * Depends on the source and the settings, and on an edit only in whether it touches the video at all: a moved cut leaves
 * the answer, and with it the other pieces, as they were.
 */
export function gateSmart(input: GateInput): Match | { gate: string } {
  const gate = gates.find(([, applies]) => applies(input))?.[0];
  return gate === undefined ? matchEncoder(input.source.video) : { gate };
}

/** Key frames at which a copy may begin. */
export function findClosedKeys({ keyframes, open_gops }: Pick<VideoFacts, 'keyframes' | 'open_gops'>): number[] {
  const open = new Set(open_gops);
  return keyframes.filter((key) => !open.has(key));
}

const gates: [string, (input: GateInput) => boolean][] = [
  ['not_asked', ({ settings }) => settings.smart_render === false],
  // made for editing, at three to six times the bits of a delivery: copied only where bits do not matter or on demand
  ['normalized', ({ source, settings }) => source.normalized && settings.smart_render !== true && settings.quality !== 'ultra'],
  ['output_codec', ({ source, encoder }) => source.video.codec !== encoder.codec],
  ['hardware_encoder', ({ encoder }) => encoder.hardware],
  ['interlaced', ({ source }) => source.video.field_order !== 'progressive'],
  ['variable_frame_rate', ({ source }) => !source.video.cfr],
  ['coarse_clock', ({ source }) => !Number.isInteger(toTicks(source.video))],
  ['hdr', ({ source }) => source.video.hdr],
  ['sample_aspect', ({ source }) => source.video.sar !== '1:1'],
  ['size_change', ({ source, picture }) => !isStoredSize(source.video, picture)],
  ['reframe', ({ isReframed }) => isReframed],
  ['drawn_on', ({ source, plan }) => isUnlikeShown(source.video) && (plan.captions.burn || plan.overlays.length > 0)],
  ['long_gop', ({ source, plan }) => countFrames(plan.keep) < source.video.frames && toGopS(source.video) > longestGopS],
];

/** Length of a frame in ticks of the source's clock; where it is not whole, times of copied frames are uneven. */
function toTicks({ fps, time_base }: VideoFacts): number {
  const rate = parseRational(fps);
  const clock = parseRational(time_base);
  return (clock.den * rate.den) / (clock.num * rate.num);
}

/** What is drawn is drawn on upright pictures of limited range. */
const isUnlikeShown = ({ rotation, full_range }: VideoFacts) => rotation !== 0 || full_range;

function isStoredSize(video: VideoFacts, { width, height }: Picture): boolean {
  const turned = video.rotation % 180 !== 0;
  return width === (turned ? video.height : video.width) && height === (turned ? video.width : video.height);
}

function toGopS(video: VideoFacts): number {
  return toSeconds(video.frames, video.fps) / Math.max(1, findClosedKeys(video).length);
}
