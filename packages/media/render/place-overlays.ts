import type { Overlay } from '#contracts/overlays';
import type { EditPlan, FrameRange } from '#contracts/plan';
import type { ChunkSpec } from '#contracts/render-specs';

type ChunkOverlay = NonNullable<ChunkSpec['overlays']>[number];

/** Above burnt captions, or above the edge that screens may hide. */
const floors = { captions: 0.74, clear: 0.95 };

/** The plan's overlays on the output's frames; what is cut away whole is gone, what is cut into is shorter. */
export function placeOverlays(
  { overlays, keep, captions }: Pick<EditPlan, 'overlays' | 'keep' | 'captions'>,
  colourSpace: string,
): ChunkOverlay[] {
  const floor = captions.burn && captions.words.length > 0 ? floors.captions : floors.clear;
  return overlays.flatMap((overlay) => {
    const start_frame = countKept(keep, overlay.start_frame);
    const frames = countKept(keep, overlay.end_frame) - start_frame;
    return frames === 0 ? [] : [{ drawing: toDrawing(overlay), start_frame, frames, floor, color_space: colourSpace }];
  });
}

/** Those that a piece shows, in its own time. */
export function overlaysIn(placed: readonly ChunkOverlay[], piece: { firstFrame: number; frames: number }): ChunkOverlay[] {
  return placed
    .filter(({ start_frame, frames }) => start_frame < piece.firstFrame + piece.frames && start_frame + frames > piece.firstFrame)
    .map((overlay) => ({ ...overlay, start_frame: overlay.start_frame - piece.firstFrame }));
}

function toDrawing({ kind, spec }: Overlay): ChunkOverlay['drawing'] {
  return { kind, spec } as ChunkOverlay['drawing'];
}

/** Output frames before a source frame. */
function countKept(keep: readonly FrameRange[], frame: number): number {
  let count = 0;
  for (const { start_frame, end_frame } of keep) {
    if (start_frame >= frame) break;
    count += Math.min(end_frame, frame) - start_frame;
  }
  return count;
}
