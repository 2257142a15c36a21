import type { Theme } from './theme.ts';

/** The delivered picture a card is laid out for. */
export interface Stage {
  width: number;
  height: number;
  /** Nothing is drawn below this share of the height: captions stand there. */
  floor: number;
}

/** A laid-out card: where it stands and how it looks. Sides and place are even, for 4:2:0 pictures. */
export interface Card {
  x: number;
  y: number;
  width: number;
  height: number;
  /** It wants more height than there is: everything on it must be smaller. */
  cramped: boolean;
  /** The SVG within the card's box, `progress` of the way (0–1) through coming in. */
  draw(progress: number): string;
}

export interface Layout {
  stage: Stage;
  theme: Theme;
  /** Pixels of the picture for one of a 1080-line one. */
  unit: number;
}

export type Anchor = 'side' | 'lower';

/** Share of each side that players and platforms may cover. */
export const safeMargin = 0.05;

/** Upright pictures give a card their whole width, others `share` of it. */
export function widthFor({ stage, unit }: Layout, widest: number): number {
  return Math.floor(Math.min(widest * unit, stage.width * (1 - 2 * safeMargin)));
}

/** Inside the safe area: beside the speaker (right, in the middle), or low on the left. Upright pictures: in the middle. */
export function place({ width, height }: { width: number; height: number }, { stage }: Layout, anchor: Anchor): Omit<Card, 'draw'> {
  const top = stage.height * safeMargin;
  const foot = Math.min(stage.floor, 1 - safeMargin) * stage.height;
  const size = { width: even(Math.min(width, stage.width * (1 - 2 * safeMargin))), height: even(Math.min(height, foot - top - 2)) };
  const upright = stage.height > stage.width;
  const left = upright ? (stage.width - size.width) / 2 : stage.width * safeMargin;
  const x = anchor === 'side' && !upright ? stage.width * (1 - safeMargin) - size.width : left;
  const y = anchor === 'side' && !upright ? (top + foot - size.height) / 2 : foot - size.height;
  return { ...size, cramped: height > size.height + 2, x: even(x), y: even(Math.max(top + 2, y)) };
}

const even = (value: number) => 2 * Math.floor(value / 2);

/** Part of the way through coming in, for what begins at `from` and takes `length` of it; slows down towards its end. */
export function easeOut(progress: number, from = 0, length = 1): number {
  const at = Math.min(1, Math.max(0, (progress - from) / length));
  return 1 - (1 - at) ** 3;
}
