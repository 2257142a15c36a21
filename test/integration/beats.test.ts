import { describe, expect, it } from 'vitest';
import { beatRate, findBeats } from '#media/sound/beats';
import { findBeatsAside } from '#media/sound/beats-aside';

/** Kick on 1 and 3, snare on 2 and 4, a soft hat on the off-beats; times in seconds. */
function groove(bpm: number, secondsLong = 15): { samples: Float32Array<ArrayBuffer>; beats: number[] } {
  const samples = new Float32Array(secondsLong * beatRate);
  const beats: number[] = [];
  let seed = 7;
  const noise = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 1_073_741_823 - 1;
  };
  const strike = (atS: number, sound: (t: number) => number, lengthS: number) => {
    const first = Math.round(atS * beatRate);
    for (let at = 0; at < lengthS * beatRate && first + at < samples.length; at++) samples[first + at]! += sound(at / beatRate);
  };
  for (let beat = 0, atS = 0.3; atS < secondsLong; beat++, atS += 60 / bpm) {
    beats.push(atS);
    const kick = beat % 4 === 0 ? 0.9 : 0.6;
    if (beat % 2 === 0) strike(atS, (t) => kick * Math.exp(-18 * t) * Math.sin(2 * Math.PI * 60 * t), 0.15);
    else strike(atS, (t) => 0.5 * Math.exp(-30 * t) * noise(), 0.1);
    strike(atS + 30 / bpm, (t) => 0.05 * Math.exp(-80 * t) * noise(), 0.03);
  }
  return { samples, beats };
}

/** One to one within 70 ms, the first five seconds left out. */
function fMeasure(found: readonly number[], meant: readonly number[]): number {
  const [a, b] = [found, meant].map((times) => times.filter((time) => time >= 5)) as [number[], number[]];
  const free = new Set(b);
  const hits = a.filter((time) => {
    const match = [...free].find((other) => Math.abs(other - time) <= 0.07);
    return match !== undefined && free.delete(match);
  }).length;
  return (2 * hits) / (a.length + b.length);
}

describe('beats of made-up grooves', () => {
  it.each([65, 75, 85, 90, 100, 120, 140, 174])('of %d bpm are found', (bpm) => {
    const { samples, beats } = groove(bpm);
    const found = findBeats(samples);
    expect(fMeasure(found.times_s, beats)).toBeGreaterThanOrEqual(0.95);
    expect(Math.abs(found.bpm! - bpm) / bpm).toBeLessThan(0.01);
  });

  it('the measure sees beats that are off by a third', () => {
    const { beats } = groove(120);
    expect(
      fMeasure(
        beats.map((time) => time + 0.17),
        beats,
      ),
    ).toBe(0);
    expect(
      fMeasure(
        beats.filter((_, index) => index % 2 === 0),
        beats,
      ),
    ).toBeLessThan(0.7);
  });

  it('are none in silence', () => {
    expect(findBeats(new Float32Array(5 * beatRate))).toEqual({ bpm: null, times_s: [], downbeat: 0, strengths: [] });
  });
});

describe('beats looked for aside', () => {
  const { signal } = new AbortController();

  it('are those of the same samples', async () => {
    const { samples } = groove(100);
    const expected = findBeats(samples);
    expect(await findBeatsAside(samples, signal)).toEqual(expected);
  });

  it('leave the event loop free: it never waits for half of the time that they take', async () => {
    const { samples } = groove(120, 60);
    const turns = [performance.now()];
    const timer = setInterval(() => turns.push(performance.now()), 5);
    await findBeatsAside(samples, signal);
    clearInterval(timer);
    turns.push(performance.now());
    const longestMs = Math.max(...turns.slice(1).map((turn, index) => turn - turns[index]!));
    expect(longestMs).toBeLessThan((turns.at(-1)! - turns[0]!) / 2);
  });

  it('are given up when nobody waits for them any more', async () => {
    const stop = new AbortController();
    const looking = findBeatsAside(groove(120, 60).samples, stop.signal);
    stop.abort();
    await expect(looking).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
