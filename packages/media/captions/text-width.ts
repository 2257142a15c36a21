/** Widths in ems, at or above those of DejaVu Sans Bold, the widest of the fonts in use; what is not listed counts as a full em. */
const classes: [RegExp, number][] = [
  [/[ijlI.,:;'!|]/, 0.4],
  [/[ ()[\]"/\-frt]/, 0.53],
  [/[mMwW@%—…]/, 1.11],
  [/[A-Z&#]/, 0.86],
  [/[\p{Ll}\p{N}]/u, 0.73],
];

/** An upper estimate of a line's width, in units of the font size. */
export function estimateWidth(text: string): number {
  let width = 0;
  for (const character of text) width += classes.find(([pattern]) => pattern.test(character))?.[1] ?? 1.05;
  return width;
}

/** The given size, or the largest whole one at which the line with one enlarged word still fits. */
export function fitFontSize(text: string, { size, maxWidth }: { size: number; maxWidth: number }): number {
  const popped = 1.08;
  return Math.max(1, Math.min(size, Math.floor(maxWidth / (estimateWidth(text) * popped))));
}
