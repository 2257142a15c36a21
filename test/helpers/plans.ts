import type { Artifacts } from '#contracts/artifacts';
import type { EditPlan, FrameRange } from '#contracts/plan';

/** A plan that keeps these frames of a source and does nothing else. */
export function planFor({ blob, video }: Artifacts['source'], keep: FrameRange[], more: Partial<EditPlan> = {}): EditPlan {
  return {
    version: 1,
    revision: 1,
    by: 'test',
    source: { sha256: blob.sha256, duration_s: 1, frames: video.frames, fps: video.fps, width: video.width, height: video.height },
    keep,
    cuts: [],
    uncertain: [],
    overlays: [],
    captions: { burn: false, formats: [], words: [] },
    clips: [],
    thumbnails: [],
    audio: { denoise: { method: 'none', wet: 0, estimated_snr_db: null }, target_lufs: null, gain_db: null },
    beats: null,
    ...more,
  };
}
