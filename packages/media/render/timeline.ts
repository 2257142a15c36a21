import type { Artifacts, VideoSignals } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { Warning } from '#contracts/footage';
import type { EditPlan } from '#contracts/plan';
import type { ChunkSpec, Encoder, Match, Picture, Timeline } from '#contracts/render-specs';
import type { Settings } from '#contracts/settings';
import type { Capabilities } from '../capabilities.ts';
import { selectBurnWords } from '../captions/ass.ts';
import { toPieceSpans } from '../reframe/piece.ts';
import { chooseShape } from '../reframe/shape.ts';
import { gateSmart } from '../smart/gate.ts';
import { planSmart, toSeekBiasS } from '../smart/plan.ts';
import { toGateWarnings } from '../smart/report.ts';
import { widenSegments } from '../smart/widen.ts';
import { findKeyFrame, toSeconds } from '../source/frame-time.ts';
import { canMapLight, chooseDelivery } from './dynamic-range.ts';
import { colourOf } from './overlay-graph.ts';
import { choosePicture } from './picture.ts';
import { countFrames, joinRanges, type Piece, planPieces } from './pieces.ts';
import { overlaysIn, placeOverlays } from './place-overlays.ts';
import { planPreview } from './preview-plan.ts';
import { segmentSource } from './segments.ts';

export interface TimelineInput {
  source: Artifacts['source'];
  /** Of the upload, as ffprobe names it. */
  container: string;
  plan: EditPlan;
  videoSignals: VideoSignals;
  settings: Pick<Settings, 'mode' | 'quality' | 'output' | 'smart_render'>;
  capabilities: Pick<Capabilities, 'build' | 'deepEncoders' | 'encoders' | 'filters' | 'hardware'>;
}

/**
 * The decided edit as independent pieces: what is kept of each segment of the source, and which of it is copied. A moved
 * cut changes the pieces of the segments it touches (and a neighbour's, when one is left almost empty) and no other. Throws CAPABILITY_MISSING for a codec or shape that cannot be made here,
 * SOURCE_EMPTY_EDIT when nothing is kept.
 */
export function buildTimeline(input: TimelineInput): Timeline {
  const { source, plan, settings, capabilities } = input;
  const { video } = source;
  const segments = segmentSource({ ...video, scenes: input.videoSignals.scenes });
  const frame = chooseFrame(input, segments.length);
  const { encoder, shape, match, picture } = frame;
  const keep = joinRanges(plan.keep);
  const pieces = planPieces(keep, match === null || isDrawnOn(plan) ? segments : widenSegments(segments, { keep, match, video }));
  if (pieces.length === 0) throw new CutroomError('SOURCE_EMPTY_EDIT', 'The plan keeps no frame.');
  const planned = planChunks(pieces, frame, input);
  const gates = planned.map(({ gate }) => frame.gate ?? gate);
  const look = {
    camera: plan.reframe ?? [],
    aspect: settings.output.aspect,
    canToneMap: canMapLight(capabilities),
    tool: capabilities.build,
  };
  return {
    fps: video.fps,
    frames: countFrames(keep),
    width: shape?.width ?? picture.width,
    height: shape?.height ?? picture.height,
    encoder,
    chunks: planned.map(({ chunk }) => chunk),
    gates,
    previews: planPreview({ source: source.blob, video, keep, segments, ...look }),
    rotation: match ? video.rotation : 0,
    warnings: [...frame.warnings, ...(settings.smart_render === true ? toGateWarnings(gates) : [])],
  };
}

/** What all pieces have in common. */
interface Frame {
  picture: Picture;
  /** Another shape that is cut out of the picture. */
  shape: ReturnType<typeof chooseShape>;
  encoder: Encoder;
  /** What encoded pictures share with copied ones; null when nothing may be copied, and then `gate` says why. */
  match: Match | null;
  gate: string | null;
  warnings: Warning[];
}

function chooseFrame({ source, plan, settings, capabilities }: TimelineInput, segments: number): Frame {
  const { video } = source;
  const { aspect, max_height: maxHeight } = settings.output;
  const shape = chooseShape({ video, quality: settings.quality, maxHeight, aspect });
  const delivery = chooseDelivery({ video, settings, segments, isDrawnOn: isDrawnOn(plan), capabilities });
  const { encoder, warnings } = delivery;
  const picture = { ...(shape?.picture ?? choosePicture({ video, quality: settings.quality, maxHeight })), ...delivery.toneMap };
  const match = gateSmart({ source, plan, settings, picture, isReframed: shape !== null, encoder });
  if ('gate' in match) return { picture, shape, encoder, match: null, gate: match.gate, warnings };
  return { picture: { ...picture, full_range: false }, shape, encoder, match, gate: null, warnings };
}

/** Each piece complete, and why it copies nothing where it copies nothing. */
function planChunks(
  pieces: readonly Piece[],
  { picture, shape, encoder, match }: Frame,
  input: TimelineInput,
): { chunk: ChunkSpec; gate: string | null }[] {
  const { source, plan, capabilities } = input;
  const { blob, video } = source;
  const { index, fps, start_s, width, height, rotation } = video;
  const shared = {
    source: { key: blob.key, sha256: blob.sha256 },
    video: { index, fps, start_s, width, height, rotation },
    picture,
    encoder,
    tool: capabilities.build,
  };
  const size = { width: shape?.width ?? picture.width, height: shape?.height ?? picture.height };
  const words = plan.captions.burn ? plan.captions.words : [];
  const placed = placeOverlays(plan, colourOf(video, picture.tone_map));
  const smartContext = { video, seekBiasS: toSeekBiasS(input) };
  return pieces.map(({ keep, frames, firstFrame }) => {
    const shown = { startS: toSeconds(firstFrame, fps), endS: toSeconds(firstFrame + frames, fps), ...size };
    const burn = selectBurnWords(words, shown);
    const overlays = overlaysIn(placed, { firstFrame, frames });
    const decode_from = findKeyFrame(video.keyframes, keep[0]!.start_frame);
    const { smart, gate } = match
      ? planSmart({ keep, match, isDrawnOn: burn.length + overlays.length > 0 }, smartContext)
      : { smart: null, gate: null };
    const reframe = shape && { ...size, spans: toPieceSpans(plan.reframe ?? [], keep) };
    const drawn = { ...(reframe && { reframe }), ...(overlays.length > 0 && { overlays }), burn };
    return { chunk: { ...shared, ...drawn, keep, frames, decode_from, smart }, gate };
  });
}

const isDrawnOn = ({ captions, overlays }: EditPlan): boolean => captions.burn || overlays.length > 0;
