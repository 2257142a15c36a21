import type { ScoredFrame } from '#contracts/artifacts';

/** Size of pictures that are scored: planar 4:2:0, luma first. */
export const scoreWidth = 320;
export const scoreHeight = 180;
const lumaBytes = scoreWidth * scoreHeight;
const chromaBytes = lumaBytes / 4;
export const scoreBytes = lumaBytes + 2 * chromaBytes;

const weights = { sharp: 0.4, exposure: 0.25, contrast: 0.2, colour: 0.15 };
const goodLevel = 118;
const clippedLow = 12;
const clippedHigh = 243;
/** Share of clipped pixels that costs nothing: letterboxes, night, snow. */
const freeClipShare = 0.25;

/** How good a picture is as a thumbnail as far as its pixels say; each part and the score lie in 0–1. */
export function scoreFrame(frame: number, picture: Uint8Array): ScoredFrame {
  const luma = picture.subarray(0, lumaBytes);
  const { mean, deviation, clipped } = readLevels(luma);
  const parts = {
    sharp: clamp((Math.log10(laplacianVariance(luma) + 1) - 1) / 2.5),
    exposure: clamp(1 - Math.abs(mean - goodLevel) / goodLevel) * (1 - clamp(clipped - freeClipShare, 0.75) / 0.75),
    contrast: clamp(deviation / 64),
    colour: clamp(colourfulness(picture) / 60),
  };
  const score = Object.entries(weights).reduce((sum, [part, weight]) => sum + weight * parts[part as keyof typeof parts], 0);
  return { frame, score: round(score), ...mapRound(parts), dhash: differenceHash(luma) };
}

function readLevels(luma: Uint8Array): { mean: number; deviation: number; clipped: number } {
  let sum = 0;
  let squares = 0;
  let clipped = 0;
  for (const level of luma) {
    sum += level;
    squares += level * level;
    if (level < clippedLow || level > clippedHigh) clipped++;
  }
  const mean = sum / luma.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / luma.length - mean * mean)), clipped: clipped / luma.length };
}

/** Variance of the 4-neighbour Laplacian: falls with blur of any kind. */
function laplacianVariance(luma: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < scoreHeight - 1; y++) {
    for (let i = y * scoreWidth + 1; i < (y + 1) * scoreWidth - 1; i++) {
      const edge = 4 * luma[i]! - luma[i - 1]! - luma[i + 1]! - luma[i - scoreWidth]! - luma[i + scoreWidth]!;
      sum += edge;
      squares += edge * edge;
      count++;
    }
  }
  return squares / count - (sum / count) ** 2;
}

/** Hasler and Süsstrunk's M on the chroma grid, with BT.601 difference signals: R−G and ½(R+G)−B need no luma. */
function colourfulness(picture: Uint8Array): number {
  const sums = { rg: 0, yb: 0, rg2: 0, yb2: 0 };
  for (let i = 0; i < chromaBytes; i++) {
    const cb = picture[lumaBytes + i]! - 128;
    const cr = picture[lumaBytes + chromaBytes + i]! - 128;
    const red = 1.402 * cr;
    const green = -0.344 * cb - 0.714 * cr;
    const rg = red - green;
    const yb = (red + green) / 2 - 1.772 * cb;
    sums.rg += rg;
    sums.yb += yb;
    sums.rg2 += rg * rg;
    sums.yb2 += yb * yb;
  }
  const [rg, yb] = [sums.rg / chromaBytes, sums.yb / chromaBytes];
  const spread = Math.sqrt(Math.max(0, sums.rg2 / chromaBytes - rg * rg + sums.yb2 / chromaBytes - yb * yb));
  return spread + 0.3 * Math.hypot(rg, yb);
}

/** 64 bits: is each cell of a 9×8 grid brighter than its left neighbour. */
function differenceHash(luma: Uint8Array): string {
  let bits = '';
  for (let row = 0; row < 8; row++) {
    const cells = Array.from({ length: 9 }, (_, column) => cellMean(luma, { row, column }));
    for (let column = 1; column < 9; column++) bits += cells[column]! > cells[column - 1]! ? '1' : '0';
  }
  return BigInt(`0b${bits}`).toString(16).padStart(16, '0');
}

function cellMean(luma: Uint8Array, { row, column }: { row: number; column: number }): number {
  const [top, bottom] = [Math.floor((row * scoreHeight) / 8), Math.floor(((row + 1) * scoreHeight) / 8)];
  const [left, right] = [Math.floor((column * scoreWidth) / 9), Math.floor(((column + 1) * scoreWidth) / 9)];
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += luma[y * scoreWidth + x]!;
  return sum / ((bottom - top) * (right - left));
}

function clamp(value: number, high = 1): number {
  return Math.min(high, Math.max(0, value));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function mapRound<T extends Record<string, number>>(parts: T): T {
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, round(value)])) as T;
}
