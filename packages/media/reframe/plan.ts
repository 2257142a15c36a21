import type { Subjects } from '#contracts/artifacts';
import type { VideoFacts } from '#contracts/footage';
import type { EditPlan, FrameRange } from '#contracts/plan';
import { intersect } from '../render/pieces.ts';
import { planCamera } from './camera.ts';
import { type Aspect, toRatio } from './shape.ts';

export interface ReframeInput {
  video: VideoFacts;
  scenes: readonly number[];
  subjects: Subjects;
  /** Shapes of the video and of its clips. */
  aspect: Aspect;
  clipAspect: Aspect;
}

/** Gives the video and each clip the camera that its shape needs; a shape as wide as the picture shows the whole of it. Pure. */
export function reframePlan(plan: EditPlan, input: ReframeInput): EditPlan {
  const clips = plan.clips.map((clip) => ({ ...clip, reframe: toCamera(intersect(plan.keep, clip), input.clipAspect, input) }));
  return { ...plan, clips, ...(input.aspect !== 'source' && { reframe: toCamera(plan.keep, input.aspect, input) }) };
}

function toCamera(keep: readonly FrameRange[], aspect: Aspect, { video, scenes, subjects }: ReframeInput) {
  const ratio = toRatio(aspect);
  const window = ratio === null ? 1 : (ratio * video.display_height) / video.display_width;
  if (window < 1) return planCamera({ keep, scenes, fps: video.fps, subjects, window });
  return [{ start_frame: 0, end_frame: video.frames, layout: 'general' as const, from_x: 0.5, to_x: 0.5 }];
}
