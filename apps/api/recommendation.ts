import { type Mode, modes, type Quality } from '#contracts/request';
import { encodeSpeed } from './estimate.ts';
import type { Measured } from './measured.ts';

export interface Machine {
  cpus: number;
  memory_total_bytes: number;
  memory_available_bytes: number;
  ffmpeg: string;
  encoders: readonly string[];
}

export interface Advice<Value> {
  value: Value;
  reason: string;
}

/** Peak memory of one 1080p and of one 4K encode with two threads, libx264, ffmpeg 5.1.9 (measured). */
const fullHdBytes = 461e6;
const fourKBytes = 1_127e6;
/** Half of the memory is left to the system, to Redis and to the file cache. */
const share = 0.5;

/** Pure: what this machine is, what was measured on it, and what that speaks for. Speeds are of the caller's own jobs. */
export function recommend(machine: Machine, measured: Measured) {
  const mode = adviseMode(machine, measured.modes);
  const { encoders, ...hardware } = machine;
  return {
    tier: tierOf(machine),
    machine: { ...hardware, encoders: sortEncoders(encoders) },
    measured,
    advice: {
      mode,
      quality: adviseQuality(machine),
      render_concurrency: adviseRender(machine),
      prepare_concurrency: advisePrepare(machine),
    },
  };
}

function tierOf({ cpus, memory_total_bytes }: Machine): Advice<'small' | 'medium' | 'large'> {
  const value = cpus >= 8 && memory_total_bytes >= 16e9 ? 'large' : cpus >= 4 && memory_total_bytes >= 8e9 ? 'medium' : 'small';
  const reason = `${cpus} processors, ${gigabytes(memory_total_bytes)} of memory; medium begins at 4 and 8 GB, large at 8 and 16 GB.`;
  return { value, reason };
}

/** Encoders of pictures; whether hardware behind one works is not tried, and this version uses software only. */
function sortEncoders(encoders: readonly string[]): { software: string[]; hardware: string[] } {
  const isHardware = (name: string) => /^(h264|hevc|av1|vp9)_(nvenc|qsv|vaapi|amf|videotoolbox|v4l2m2m)$/.test(name);
  return {
    software: encoders.filter((name) => ['libx264', 'libx265', 'libsvtav1', 'libaom-av1', 'libvpx-vp9'].includes(name)).toSorted(),
    hardware: encoders.filter(isHardware).toSorted(),
  };
}

/** The most careful mode that keeps up with real time here: by what was measured, else by the ladder's medians for two processors. */
function adviseMode({ cpus }: Machine, measured: Measured['modes']): Advice<Mode> {
  const best = modes.toReversed().find((mode) => (measured[mode]?.mean ?? Number.POSITIVE_INFINITY) <= 1);
  if (best) return { value: best, reason: `${measured[best]?.jobs} jobs took ${measured[best]?.mean} s per second of footage on average.` };
  const [slow] = Object.values(measured);
  if (slow)
    return { value: 'fast', reason: `No measured mode keeps up with real time; the last took ${slow.mean} s per second of footage.` };
  const expected = (mode: Mode) => (encodeSpeed[mode] * 2) / cpus;
  const value = modes.toReversed().find((mode) => expected(mode) <= 0.5) ?? 'fast';
  return {
    value,
    reason: `Nothing was measured yet. Encoding 1080p is expected to take ${expected(value).toFixed(2)} s per second of footage with ${cpus} processors.`,
  };
}

function adviseQuality({ cpus, memory_total_bytes }: Machine): Advice<Quality> {
  const fits = (bytes: number) => memory_total_bytes * share >= 2 * bytes;
  const value = fits(fourKBytes) && cpus >= 8 ? 'ultra' : fits(fullHdBytes) ? 'high' : 'medium';
  const reason = `Two encodes at once take ${gigabytes(2 * fullHdBytes)} at 1080p and ${gigabytes(2 * fourKBytes)} at 4K, which also wants 8 processors; half of ${gigabytes(memory_total_bytes)} is for them.`;
  return { value, reason };
}

function adviseRender({ cpus, memory_total_bytes }: Machine): Advice<number> {
  const byMemory = Math.floor((memory_total_bytes * share) / fullHdBytes);
  const value = Math.max(1, Math.min(cpus, byMemory));
  return { value, reason: `One for each of ${cpus} processors; half of the memory holds ${byMemory} encodes of 1080p.` };
}

const advisePrepare = ({ cpus }: Machine): Advice<number> => ({
  value: Math.max(1, Math.ceil(cpus / 2)),
  reason: `Half of ${cpus} processors, so that analysis does not take all of them from rendering.`,
});

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
