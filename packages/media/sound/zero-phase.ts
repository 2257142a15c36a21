import { type Biquad, createFilter } from './biquad.ts';

export interface StreamFilter {
  push(samples: Float32Array): void;
  /** Hands out what the look-ahead held back. */
  end(): void;
}

/**
 * Forward and backward through the same sections, as a stream: no delay, no phase, twice the slope. The backward pass starts
 * afresh for every block, `lookahead` samples beyond it; that must be long enough for the sections to ring down.
 */
export function createZeroPhase(
  options: { sections: readonly Biquad[]; block: number; lookahead: number },
  emit: (samples: Float32Array) => void,
): StreamFilter {
  const { sections, block, lookahead } = options;
  const forward = createFilter(sections);
  const held = new Float32Array(block + lookahead);
  let filled = 0;
  const flush = (count: number) => {
    emit(filterBackward(held.subarray(0, filled), sections).subarray(0, count));
    held.copyWithin(0, count, filled);
    filled -= count;
  };
  return {
    push(samples) {
      const filtered = samples.slice();
      forward(filtered);
      for (let offset = 0; offset < filtered.length; ) {
        const taken = filtered.subarray(offset, offset + held.length - filled);
        held.set(taken, filled);
        filled += taken.length;
        offset += taken.length;
        if (filled === held.length) flush(block);
      }
    },
    end: () => flush(filled),
  };
}

function filterBackward(samples: Float32Array, sections: readonly Biquad[]): Float32Array {
  const reversed = samples.slice().reverse();
  createFilter(sections)(reversed);
  return reversed.reverse();
}
