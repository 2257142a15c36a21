import { type Mode, modes, type Quality } from '#contracts/request';
import { softwareEncoders } from '#media/render/encoder';
import type { Measured } from './measured.ts';
import type { SpeedTrial } from './speed-trial.ts';

export interface Machine {
  cpus: number;
  memory_total_bytes: number;
  memory_available_bytes: number;
  ffmpeg: string;
  encoders: readonly string[];
  /** Those that work with hardware of this machine: they have encoded something here. */
  hardware: readonly string[];
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

/** Pure: what this machine is, what was measured on it, and what that speaks for. Speeds are of the caller's own jobs; `trial` is of the machine. */
export function recommend(machine: Machine, { measured, trial }: { measured: Measured; trial: SpeedTrial }) {
  const mode = adviseMode(trial, measured.modes);
  const { encoders, hardware: working, ...hardware } = machine;
  return {
    tier: tierOf(machine),
    machine: { ...hardware, encoders: { software: listSoftware(encoders), hardware: working.toSorted() } },
    measured: { ...measured, trial },
    advice: {
      content_type: adviseContentType(mode.value),
      mode,
      quality: adviseQuality(machine),
      render_concurrency: adviseRender(machine),
      prepare_concurrency: advisePrepare(machine),
      hardware: adviseHardware(working),
    },
  };
}

function tierOf({ cpus, memory_total_bytes }: Machine): Advice<'small' | 'medium' | 'large'> {
  const value = cpus >= 8 && memory_total_bytes >= 16e9 ? 'large' : cpus >= 4 && memory_total_bytes >= 8e9 ? 'medium' : 'small';
  const reason = `${cpus} processors, ${gigabytes(memory_total_bytes)} of memory; medium begins at 4 and 8 GB, large at 8 and 16 GB.`;
  return { value, reason };
}

const listSoftware = (encoders: readonly string[]): string[] =>
  Object.values(softwareEncoders)
    .filter((name) => encoders.includes(name))
    .toSorted();

/** Speech is looked at more closely than music; what a machine cannot keep up with is rather the encode. */
const adviseContentType = (mode: Mode): Advice<'auto'> => ({
  value: 'auto',
  reason: `Stages of every content type run here; ${mode} leaves the choice to the footage.`,
});

const adviseHardware = (working: readonly string[]): Advice<'auto' | 'off'> =>
  working.length > 0
    ? { value: 'auto', reason: `${working.join(', ')} encoded three frames when this process began.` }
    : { value: 'off', reason: 'No hardware encoder that ffmpeg lists could encode three frames here.' };

/** The most careful mode that keeps up with real time here: by what was measured, else by a trial encode. */
function adviseMode(trial: SpeedTrial, measured: Measured['modes']): Advice<Mode> {
  const best = modes.toReversed().find((mode) => (measured[mode]?.mean ?? Number.POSITIVE_INFINITY) <= 1);
  if (best) return { value: best, reason: `${measured[best]?.jobs} jobs took ${measured[best]?.mean} s per second of footage on average.` };
  const [slow] = Object.values(measured);
  if (slow)
    return { value: 'fast', reason: `No measured mode keeps up with real time; the last took ${slow.mean} s per second of footage.` };
  const value = modes.toReversed().find((mode) => trial[mode] <= 0.5) ?? 'fast';
  const reason = `No job has ended yet. A trial encode here took ${trial[value].toFixed(2)} s per second of 1080p; half a second leaves room for the other stages.`;
  return { value, reason };
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
