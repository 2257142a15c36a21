/** Collects numbers one by one without knowing how many will come. */
export interface Series {
  add(value: number): void;
  values(): Float32Array;
}

export function createSeries(): Series {
  let kept = new Float32Array(4096);
  let length = 0;
  return {
    add(value) {
      if (length === kept.length) {
        const larger = new Float32Array(2 * length);
        larger.set(kept);
        kept = larger;
      }
      kept[length++] = value;
    },
    values: () => kept.subarray(0, length),
  };
}

/** Mean power of consecutive frames of `frame` samples; a last shorter frame counts as well. */
export function createPowerMeter(frame: number): { push(samples: Float32Array): void; end(): Float32Array } {
  const powers = createSeries();
  let sum = 0;
  let count = 0;
  const close = () => {
    powers.add(sum / count);
    sum = 0;
    count = 0;
  };
  return {
    push(samples) {
      for (let index = 0; index < samples.length; index++) {
        sum += samples[index]! * samples[index]!;
        if (++count === frame) close();
      }
    },
    end() {
      if (count > 0) close();
      return powers.values();
    },
  };
}

/** Pure: power → hundredths of dB, never below −120 dB. */
export function toCentibels(power: number): number {
  return Math.round(1000 * Math.log10(Math.max(power, 1e-12)));
}

/** Pure: the value below which `share` of the values lie. The values must be sorted. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
