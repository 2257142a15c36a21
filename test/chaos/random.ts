export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** Both ends are possible. */
  integer(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32: the same seed gives the same choices, so a failing run can be repeated. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return { next, integer, pick: (from) => from[integer(0, from.length - 1)] as (typeof from)[number] };
}
