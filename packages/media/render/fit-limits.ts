import type { VideoFacts, Warning } from '#contracts/footage';
import type { Picture } from '#contracts/render-specs';
import { type Codec, type Mode, modes, type Quality, qualities } from '#contracts/request';
import type { Settings } from '#contracts/settings';
import { choosePicture } from './picture.ts';

type Wish = Pick<Settings, 'mode' | 'quality' | 'output'>;

export interface LimitsInput {
  settings: Wish & { limits: Pick<Settings['limits'], 'timeout_s' | 'max_memory_mb'> };
  video: VideoFacts;
  /** Frames to be delivered. */
  frames: number;
  machine: { cpus: number /** Pieces that are encoded at once. */; pieces: number };
}

/** Resident memory of an encode with its decode: a base, and by megapixels of the picture; highest of the presets measured on ffmpeg 5.1.9. */
const baseMb = 90;
const mbPerMegapixel = { h264: 180, hevc: 170, av1: 170, vp9: 130 } as const satisfies Record<Codec, number>;
/** Tone mapping holds pictures in four bytes a sample. */
const toneMapMbPerMegapixel = 60;
/** A decoder holds about ten pictures of the source's own size. */
const decodeMbPerMegapixel = 20;

/** CPU seconds per megapixel of a frame: medians of measured clips, by mode in the order fast, balanced, high_quality. */
const cpuSPerMegapixel = {
  h264: [0.0039, 0.0055, 0.0126],
  hevc: [0.0156, 0.0198, 0.05],
  av1: [0.0178, 0.0389, 0.0675],
  vp9: [0.06, 0.06, 0.08],
} as const satisfies Record<Codec, readonly number[]>;
/** Of a job's time; the rest is for its other stages and for waiting. */
const renderShare = 0.7;
/** Lines of the picture when nothing else fits. */
const emergencyHeight = 240;

/**
 * The wish, or the nearest one below it whose pieces fit the job's memory and whose encode fits its time: less effort
 * first, then the next lower quality. When nothing does, the smallest picture there is; a limit never fails a job here.
 */
export function fitToLimits(input: LimitsInput): { settings: Wish; warnings: Warning[] } {
  const { mode, quality, output, limits } = input.settings;
  const asked: Wish = { mode, quality, output };
  const excess = findExcess(asked, input);
  if (excess === null) return { settings: asked, warnings: [] };
  const settings = listSteps(asked).find((step) => findExcess(step, input) === null) ?? toEmergency(asked);
  const lines = settings.output.max_height === emergencyHeight ? `, ${emergencyHeight} lines` : '';
  const message = `${quality}/${mode} became ${settings.quality}/${settings.mode}${lines}: ${excess} (limits: ${limits.max_memory_mb} MB, ${limits.timeout_s} s).`;
  return { settings, warnings: [{ code: 'QUALITY_STEPPED_DOWN', stage: 'timeline', message }] };
}

/** Peak of one encode, in MB (10^6). */
export function estimateMemoryMb(
  codec: Codec,
  picture: Pick<Picture, 'width' | 'height' | 'tone_map'>,
  video: Pick<VideoFacts, 'width' | 'height'>,
): number {
  const megapixels = (picture.width * picture.height) / 1e6;
  const perMegapixel = mbPerMegapixel[codec] + (picture.tone_map ? toneMapMbPerMegapixel : 0);
  return baseMb + megapixels * perMegapixel + ((video.width * video.height) / 1e6) * decodeMbPerMegapixel;
}

/** What a wish would exceed, in words; null when it fits. */
function findExcess({ mode, quality, output }: Wish, { settings: { limits }, video, frames, machine }: LimitsInput): string | null {
  const picture = choosePicture({ video, quality, maxHeight: output.max_height });
  const memoryMb = machine.pieces * estimateMemoryMb(output.codec, picture, video);
  if (memoryMb > limits.max_memory_mb) return `${machine.pieces} pieces at once would take about ${Math.round(memoryMb)} MB`;
  const perMegapixel = cpuSPerMegapixel[output.codec][modes.indexOf(mode)]!;
  const seconds = (frames * ((picture.width * picture.height) / 1e6) * perMegapixel) / machine.cpus;
  return seconds > renderShare * limits.timeout_s ? `the encode would take about ${Math.round(seconds)} s` : null;
}

/** Everything below a wish, the nearest first. */
function listSteps({ mode, quality, output }: Wish): Wish[] {
  const below = <T extends Mode | Quality>(all: readonly T[], from: T) => all.slice(0, all.indexOf(from) + 1).toReversed();
  return below(qualities, quality).flatMap((lower) => below(modes, mode).map((easier) => ({ mode: easier, quality: lower, output })));
}

const toEmergency = ({ output }: Wish): Wish => ({
  mode: 'fast',
  quality: 'low',
  output: { ...output, max_height: Math.min(output.max_height ?? emergencyHeight, emergencyHeight) },
});
