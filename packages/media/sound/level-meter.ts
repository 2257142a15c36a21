import { createSeries } from './levels.ts';

/** A track in slots of 2.5 ms: enough to foretell what gain and limiter make of it. 8 bytes each, 12 MB for an hour. */
export interface TrackLevels {
  /** Mean square after K-weighting (ITU-R BS.1770), added over the channels. */
  power: Float32Array;
  /** Greatest sample of any channel. */
  peak: Float32Array;
}

/** Interleaved samples at 48 kHz in, in blocks of any length. */
export interface LevelMeter {
  push(block: Float32Array): void;
  end(): TrackLevels;
}

/** Samples per channel. */
export const slotSamples = 120;

export function createLevelMeter(channels: 1 | 2): LevelMeter {
  const ears = Array.from({ length: channels }, createEar);
  const power = createSeries();
  const peak = createSeries();
  let sum = 0;
  let highest = 0;
  let left = slotSamples;
  const close = () => {
    power.add(sum / slotSamples);
    peak.add(highest);
    sum = 0;
    highest = 0;
    left = slotSamples;
  };
  return {
    push(block) {
      for (let start = 0; start < block.length; ) {
        const end = Math.min(block.length, start + left * channels);
        for (const [channel, listen] of ears.entries()) {
          const heard = listen(block, { start: start + channel, end, step: channels });
          sum += heard.energy;
          highest = Math.max(highest, heard.peak);
        }
        left -= (end - start) / channels;
        start = end;
        if (left === 0) close();
      }
    },
    end() {
      if (left < slotSamples) close();
      return { power: power.values(), peak: peak.values() };
    },
  };
}

interface Stretch {
  start: number;
  end: number;
  step: number;
}

/** The head as a shelf, then the high-pass of the revised low-frequency curve; coefficients of BS.1770-4 for 48 kHz. */
const shelf = { b0: 1.53512485958697, b1: -2.69169618940638, b2: 1.19839281085285, a1: -1.69065929318241, a2: 0.73248077421585 };
const highpass = { a1: -1.99004745483398, a2: 0.99007225036621 };

/** One channel through both filters, in transposed direct form. What a closure keeps is slow to write: the loop has its own copy. */
function createEar(): (samples: Float32Array, stretch: Stretch) => { energy: number; peak: number } {
  const { b0, b1, b2, a1, a2 } = shelf;
  const { a1: c1, a2: c2 } = highpass;
  const kept = { s1: 0, s2: 0, h1: 0, h2: 0 };
  return (samples, { start, end, step }) => {
    let { s1, s2, h1, h2 } = kept;
    let energy = 0;
    let peak = 0;
    for (let index = start; index < end; index += step) {
      const sample = samples[index]!;
      const shelved = b0 * sample + s1;
      s1 = b1 * sample - a1 * shelved + s2;
      s2 = b2 * sample - a2 * shelved;
      const weighted = shelved + h1;
      h1 = -2 * shelved - c1 * weighted + h2;
      h2 = shelved - c2 * weighted;
      energy += weighted * weighted;
      peak = Math.max(peak, Math.abs(sample));
    }
    Object.assign(kept, { s1, s2, h1, h2 });
    return { energy, peak };
  };
}
