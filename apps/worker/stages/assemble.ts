import { assembleVideo, toFallbackWarnings, toSimilarityWarnings } from '#media/assemble';
import type { Stage } from '../stage.ts';

export const runAssemble: Stage<'assemble'> = async ({ source, timeline, chunk, audio, plan, settings }, tools) => {
  const { media, scratch, signal, open, store } = tools;
  const [sourcePath, piecePaths] = await Promise.all([open(source.blob), Promise.all(chunk.map(({ blob }) => open(blob)))]);
  const sound = audio.blob && { path: await open(audio.blob), samples: audio.samples, sampleRate: audio.sample_rate };
  const input = { source: { ...source, path: sourcePath }, plan, timeline, piecePaths, audio: sound, tools: media };
  const video = await assembleVideo(input, { cwd: scratch, signal });
  const { frames, durationS, driftMs, ssim, width, height } = video;
  const blob = await store(video.path, 'video/mp4');
  const shown = { duration_s: durationS, width, height, fps: timeline.fps, frames, codec: timeline.encoder.codec };
  const fallbacks = chunk.flatMap(({ fallback }, index) => (fallback === undefined ? [] : [{ chunk: index, reason: fallback }]));
  return {
    frames,
    duration_s: durationS,
    drift_ms: driftMs,
    ssim,
    fallbacks,
    outputs: [{ name: 'video.mp4', kind: 'video', blob, media: shown }],
    warnings: [...toSimilarityWarnings(ssim, settings.quality), ...toFallbackWarnings(fallbacks)],
  };
};
