import type { Artifacts } from '#contracts/artifacts';
import type { FrameRange } from '#contracts/plan';
import type { ChunkSpec, Encoder } from '#contracts/render-specs';
import { findKeyFrame } from '#media/source/frame-time';

/** A piece of these frames at the source's own size, in a quick encoder. */
export function specFor({ blob, video }: Artifacts['source'], keep: FrameRange[], encoder: Partial<Encoder> = {}): ChunkSpec {
  const { index, fps, start_s, width, height, rotation } = video;
  const quick: Encoder = {
    name: 'libx264',
    codec: 'h264',
    preset: 'ultrafast',
    crf: 20,
    threads: 2,
    pix_fmt: 'yuv420p',
    gop: 120,
    hardware: false,
  };
  return {
    source: { key: blob.key, sha256: blob.sha256 },
    video: { index, fps, start_s, width, height, rotation },
    keep,
    frames: framesOf(keep).length,
    decode_from: findKeyFrame(video.keyframes, keep[0]!.start_frame),
    picture: { deinterlace: false, tone_map: false, width: video.display_width, height: video.display_height, full_range: false },
    encoder: { ...quick, ...encoder },
    burn: [],
    smart: null,
    tool: 'test',
  };
}

/** The frame numbers in these ranges. */
export function framesOf(keep: readonly FrameRange[]): number[] {
  return keep.flatMap(({ start_frame, end_frame }) => Array.from({ length: end_frame - start_frame }, (_, index) => start_frame + index));
}
