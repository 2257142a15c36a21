import type { Artifacts, ChunkSpec, Timeline, VideoSignals, Warning } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { EditPlan } from '#contracts/plan';
import type { Settings } from '#contracts/settings';
import type { Capabilities } from './capabilities.ts';
import { selectBurnWords } from './captions-ass.ts';
import { chooseEncoder } from './encoder.ts';
import { findKeyFrame, toSeconds } from './frame-time.ts';
import { colourOf } from './overlay-graph.ts';
import { choosePicture } from './picture.ts';
import { countFrames, planPieces } from './pieces.ts';
import { overlaysIn, placeOverlays } from './place-overlays.ts';
import { segmentSource } from './segments.ts';

export interface TimelineInput {
  source: Artifacts['source'];
  plan: EditPlan;
  videoSignals: VideoSignals;
  settings: Pick<Settings, 'mode' | 'quality' | 'output' | 'smart_render'>;
  capabilities: Pick<Capabilities, 'build' | 'deepEncoders' | 'encoders' | 'filters' | 'hardware'>;
}

/**
 * The decided edit as independent pieces: what is kept of each segment of the source. A moved cut changes the pieces
 * of the segments it touches (and a neighbour's, when one is left almost empty) and no other.
 * Throws CAPABILITY_MISSING for a codec or shape that cannot be made here, SOURCE_EMPTY_EDIT when nothing is kept.
 */
export function buildTimeline({ source, plan, videoSignals, settings, capabilities }: TimelineInput): Timeline {
  const { video } = source;
  if (settings.output.aspect !== 'source') {
    throw new CutroomError('CAPABILITY_MISSING', `output.aspect: ${settings.output.aspect} cannot be made here; use source.`);
  }
  const segments = segmentSource({ ...video, scenes: videoSignals.scenes });
  const { picture, warnings } = fitPicture(video, settings, capabilities);
  const bitDepth = video.hdr ? 8 : video.bit_depth;
  const encoder = chooseEncoder(settings, { fps: video.fps, segments: segments.length, bitDepth, capabilities });
  if (bitDepth > 8 && encoder.pix_fmt === 'yuv420p') warnings.push(toDepthWarning(bitDepth, encoder.codec));
  const pieces = planPieces(plan.keep, segments);
  if (pieces.length === 0) throw new CutroomError('SOURCE_EMPTY_EDIT', 'The plan keeps no frame.');
  const { index, fps, start_s, width, height, rotation } = video;
  const shared = {
    source: { key: source.blob.key, sha256: source.blob.sha256 },
    video: { index, fps, start_s, width, height, rotation },
    picture,
    encoder,
    tool: capabilities.build,
  };
  const words = plan.captions.burn ? plan.captions.words : [];
  const placed = placeOverlays(plan, colourOf(video, picture.tone_map));
  const chunks = pieces.map(({ keep, frames, firstFrame }): ChunkSpec => {
    const shown = { startS: toSeconds(firstFrame, fps), endS: toSeconds(firstFrame + frames, fps), ...picture };
    const burn = selectBurnWords(words, shown);
    const overlays = overlaysIn(placed, { firstFrame, frames });
    const decode_from = findKeyFrame(video.keyframes, keep[0]!.start_frame);
    return { ...shared, keep, frames, decode_from, burn, ...(overlays.length > 0 && { overlays }) };
  });
  const frames = countFrames(plan.keep);
  return { fps, frames, width: picture.width, height: picture.height, encoder, chunks, warnings };
}

const toDepthWarning = (bits: number, codec: string): Warning => ({
  code: 'BIT_DEPTH_REDUCED',
  stage: 'timeline',
  message: `The footage has ${bits} bits per sample; ${codec} is delivered in 8. hevc and av1 keep 10.`,
});

function fitPicture(
  video: Artifacts['source']['video'],
  settings: TimelineInput['settings'],
  capabilities: TimelineInput['capabilities'],
): { picture: ChunkSpec['picture']; warnings: Warning[] } {
  const picture = choosePicture({ video, quality: settings.quality, maxHeight: settings.output.max_height });
  const warn = (code: string, message: string): Warning => ({ code, stage: 'timeline', message });
  const canToneMap = capabilities.filters.has('zscale') && capabilities.filters.has('tonemap');
  const warnings: Warning[] = [];
  if (picture.tone_map && !canToneMap) warnings.push(warn('HDR_NOT_MAPPED', 'This ffmpeg cannot map HDR to SDR; colours will look flat.'));
  if (settings.smart_render === true) warnings.push(warn('SMART_RENDER_UNAVAILABLE', 'Every frame is encoded; nothing is copied.'));
  return { picture: { ...picture, tone_map: picture.tone_map && canToneMap }, warnings };
}
