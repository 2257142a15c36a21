import { percentile } from './levels.ts';

/** Where a window's level switches between pause and speech; hundredths of dB. */
export interface Threshold {
  on: number;
  off: number;
  /** False: the level moves too little to tell speech from the rest. */
  decided: boolean;
}

interface Window {
  /** Frame in its middle. */
  centre: number;
  low: number;
  high: number;
}

const windowFrames = 2000;
const hopFrames = 500;
const deepest = 6000;
const leastRange = 800;

/**
 * Pure: the threshold at each frame of a 10 ms envelope, from the levels of the 20 s around it: level-invariant, and it
 * follows a noise floor that changes. Figures: p8 and p95, at most 60 dB apart; under 8 dB apart nothing is decided.
 */
export function createThresholds(envelope: Int16Array): (frame: number) => Threshold {
  const windows = settleFlat(measureWindows(envelope));
  return (frame) => {
    const position = Math.min(frame / hopFrames, windows.length - 1);
    const one = windows[Math.floor(position)]!;
    const other = windows[Math.min(Math.floor(position) + 1, windows.length - 1)]!;
    const share = position - Math.floor(position);
    return toThreshold(one.low + share * (other.low - one.low), one.high + share * (other.high - one.high));
  };
}

function toThreshold(low: number, high: number): Threshold {
  const range = high - low;
  return { on: low + Math.max(400, 0.28 * range), off: low + Math.max(250, 0.18 * range), decided: range >= leastRange };
}

/** One window per hop, centred on it where the recording allows. */
function measureWindows(envelope: Int16Array): Window[] {
  const count = Math.max(1, Math.ceil(envelope.length / hopFrames));
  return Array.from({ length: count }, (_, index) => {
    const start = Math.max(0, Math.min(index * hopFrames - windowFrames / 2, envelope.length - windowFrames));
    const sorted = envelope.slice(start, start + windowFrames).sort();
    const high = percentile(sorted, 0.95);
    return { centre: index * hopFrames, low: Math.max(percentile(sorted, 0.08), high - deepest), high };
  });
}

/** A flat window that stays under the nearest decided window's own `off` is a long pause of the same room, and takes its measure. */
function settleFlat(windows: Window[]): Window[] {
  const decided = windows.filter((window) => window.high - window.low >= leastRange);
  return windows.map((window) => {
    if (decided.length === 0 || window.high - window.low >= leastRange) return window;
    const distance = (other: Window) => Math.abs(other.centre - window.centre);
    const nearest = decided.reduce((best, other) => (distance(other) < distance(best) ? other : best));
    return window.high <= toThreshold(nearest.low, nearest.high).off ? { ...nearest, centre: window.centre } : window;
  });
}
