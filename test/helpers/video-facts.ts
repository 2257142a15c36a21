import type { VideoFacts } from '#contracts/footage';

/** Facts of an ordinary 1080p clip, with some of them changed. */
export function videoFacts(changes: Partial<VideoFacts> = {}): VideoFacts {
  return {
    index: 0,
    codec: 'h264',
    profile: 'High',
    pix_fmt: 'yuv420p',
    bit_depth: 8,
    width: 1920,
    height: 1080,
    display_width: 1920,
    display_height: 1080,
    rotation: 0,
    sar: '1:1',
    fps: '30/1',
    frames: 300,
    cfr: true,
    field_order: 'progressive',
    full_range: false,
    color: { space: 'unknown', transfer: 'unknown', primaries: 'unknown' },
    hdr: false,
    has_b_frames: 2,
    time_base: '1/90000',
    start_s: 0,
    keyframes: [0],
    open_gops: [],
    ...changes,
  };
}
