import { assembleVideo, toFallbackWarnings, toSimilarityWarnings } from '#media/render/assemble';
import { toUncopied, toUncopiedWarnings } from '#media/smart/report';
import type { Stage } from '../stage.ts';

export const runAssemble: Stage<'assemble'> = async ({ source, timeline, chunk, audio, plan, settings }, tools) => {
  const { media, scratch, signal, open, store } = tools;
  const openPiece = async (piece: (typeof chunk)[number]) => ({ ...piece, path: await open(piece.blob) });
  const [sourcePath, pieces] = await Promise.all([open(source.blob), Promise.all(chunk.map(openPiece))]);
  const sound = audio.blob && { path: await open(audio.blob), samples: audio.samples, sampleRate: audio.sample_rate };
  const input = { source: { ...source, path: sourcePath }, plan, timeline, pieces, audio: sound, tools: media };
  const video = await assembleVideo(input, { cwd: scratch, signal });
  const { frames, durationS, driftMs, ssim, vmaf, width, height } = video;
  const blob = await store(video.path, 'video/mp4');
  const shown = { duration_s: durationS, width, height, fps: timeline.fps, frames, codec: timeline.encoder.codec };
  const fallbacks = chunk.flatMap(({ fallback }, index) => (fallback === undefined ? [] : [{ chunk: index, reason: fallback }]));
  return {
    frames,
    duration_s: durationS,
    drift_ms: driftMs,
    ssim: ssim && { ...ssim, seams_min: leastOf([ssim.seams_min, ...chunk.map(({ seam_ssim }) => seam_ssim)]) },
    vmaf,
    seams: chunk.flatMap(({ seam_ssim }, index) => (seam_ssim === null ? [] : [{ chunk: index, ssim: seam_ssim }])),
    spans: chunk.flatMap(({ spans }) => spans),
    fallbacks: [...toUncopied(timeline, chunk), ...fallbacks].sort((a, b) => a.chunk - b.chunk),
    outputs: [{ name: 'video.mp4', kind: 'video', blob, media: shown }],
    warnings: [...toSimilarityWarnings(ssim, settings.quality), ...toFallbackWarnings(fallbacks), ...toUncopiedWarnings(chunk)],
  };
};

function leastOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.min(...known) : null;
}
