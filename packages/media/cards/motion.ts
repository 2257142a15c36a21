import { easeOut } from './card.ts';

/** How a card looks on one frame. */
export interface CardState {
  /** Way through coming in, 0–1. */
  progress: number;
  /** Of the whole card, 0–1. */
  opacity: number;
}

/** One picture that differs from the one before it, and the frame of the piece from which it is shown. */
export interface CardPicture extends CardState {
  frame: number;
}

const enterS = 0.8;
const leaveS = 0.3;

/** Frame `index` of a card that is shown for `frames`: comes in, stands still, fades away. Depends on nothing else, so seams cannot show. */
export function stateAt(index: number, { frames, fps }: { frames: number; fps: number }): CardState {
  const enter = Math.min(Math.round(enterS * fps), Math.floor(frames / 3));
  const leave = Math.min(Math.round(leaveS * fps), Math.floor(frames / 4));
  const gone = index - (frames - leave) + 1;
  if (gone > 0) return { progress: 1, opacity: 1 - gone / (leave + 1) };
  if (index >= enter) return { progress: 1, opacity: 1 };
  const progress = (index + 1) / (enter + 1);
  return { progress, opacity: easeOut(progress, 0, 0.3) };
}

/** The pictures that a piece of `pieceFrames` needs of a card that begins at its frame `start` (below 0: in an earlier piece); the last one is empty when it ends inside. */
export function picturesOf({ start, frames, fps }: { start: number; frames: number; fps: number }, pieceFrames: number): CardPicture[] {
  const first = Math.max(0, start);
  const end = Math.min(pieceFrames, start + frames);
  const all = Array.from({ length: Math.max(0, end - first) }, (_, offset) => {
    return { frame: first + offset, ...stateAt(first + offset - start, { frames, fps }) };
  });
  const changes = all.filter((picture, index) => {
    const before = all[index - 1];
    return before === undefined || before.progress !== picture.progress || before.opacity !== picture.opacity;
  });
  return end < pieceFrames && changes.length > 0 ? [...changes, { frame: end, progress: 1, opacity: 0 }] : changes;
}
