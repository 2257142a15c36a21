import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flankedByDips, pauses, snapBoundary } from '#director/acoustics';

const range = (start_s: number, end_s: number) => ({ start_s, end_s });
const options = { minSilenceMs: 350, padMs: 80, maxPauseMs: 0 };

describe('pauses', () => {
  it('leaves the pad beside speech but none at the ends of the recording', () => {
    const found = pauses({ speech: [range(1, 2), range(3, 4)], undecided: [], duration_s: 6 }, options);
    expect(found.map((pause) => [pause.start_s, pause.end_s])).toEqual([
      [0, 0.92],
      [2.08, 2.92],
      [4.08, 6],
    ]);
  });

  it('keeps pauses below the minimum', () => {
    expect(pauses({ speech: [range(0, 2), range(2.34, 4)], undecided: [], duration_s: 4 }, options)).toEqual([]);
  });

  it('shortens a pause to max_pause instead of deleting it', () => {
    const [inner, trailing] = pauses({ speech: [range(0, 2), range(4, 6)], undecided: [], duration_s: 9 }, { ...options, maxPauseMs: 600 });
    expect(2 - (inner!.end_s - inner!.start_s)).toBeCloseTo(0.6);
    expect(trailing!.start_s).toBeCloseTo(6.6);
  });

  it('never removes an undecided span, nor anything when no speech was found', () => {
    expect(pauses({ speech: [range(0, 1)], undecided: [range(1, 5)], duration_s: 5 }, options)).toEqual([]);
    expect(pauses({ speech: [], undecided: [], duration_s: 5 }, options)).toEqual([]);
  });

  it('removes nothing within a pad of speech, whatever the mask', () => {
    const masks = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 40 }).map((steps) => {
      let at = 0;
      const edges = steps.map((step) => {
        at += step;
        return at / 100;
      });
      return edges.flatMap((edge, index) => (index % 2 === 1 ? [range(edges[index - 1]!, edge)] : []));
    });
    fc.assert(
      fc.property(masks, fc.integer({ min: 0, max: 1000 }), (speech, maxPauseMs) => {
        const removed = pauses({ speech, undecided: [], duration_s: speech.at(-1)!.end_s + 1 }, { ...options, maxPauseMs });
        for (const pause of removed)
          for (const run of speech) expect(pause.end_s <= run.start_s - 0.0799 || pause.start_s >= run.end_s + 0.0799).toBe(true);
      }),
    );
  });
});

describe('snapBoundary', () => {
  const flat = new Int16Array(400).fill(-3000);

  it('takes the nearest transition of the right sign', () => {
    const acoustics = { speech: [range(1, 1.95), range(2.1, 3)], envelope: flat };
    expect(snapBoundary({ timeS: 2, edge: 'start', neighbourS: 1.5 }, acoustics)).toEqual({ timeS: 2.1, by: 'mask' });
    expect(snapBoundary({ timeS: 2, edge: 'end', neighbourS: 2.5 }, acoustics)).toEqual({ timeS: 1.95, by: 'mask' });
  });

  it('falls back to the quietest moment, not past the middle of the gap', () => {
    const envelope = flat.slice();
    envelope[190] = -5000;
    envelope[206] = -4000;
    const found = snapBoundary({ timeS: 2, edge: 'start', neighbourS: 1.86 }, { speech: [range(0, 4)], envelope });
    expect(found.by).toBe('energy');
    expect(found.timeS).toBeCloseTo(2.065);
  });

  it('says so when there is nothing to hold on to', () => {
    const acoustics = { speech: [range(0, 4)], envelope: flat };
    expect(snapBoundary({ timeS: 2, edge: 'start', neighbourS: 1.5 }, acoustics)).toEqual({ timeS: 2, by: 'none' });
    expect(snapBoundary({ timeS: 2, edge: 'start', neighbourS: 1.95 }, { ...acoustics, speech: [range(2.05, 3)] }).by).toBe('none');
  });
});

describe('flankedByDips', () => {
  const word = { ...range(1, 1.3), before: range(0.5, 0.95), after: range(1.35, 2) };
  const speech = [range(0, 3)];

  it('lets a word be cut when 40 ms on each side are 9 dB below its neighbours', () => {
    const envelope = new Int16Array(300).fill(-2000);
    envelope.fill(-3000, 96, 100).fill(-3000, 130, 134);
    expect(flankedByDips(word, { speech, envelope })).toBe(true);
  });

  it.each([
    ['a dip of 30 ms', -3000, 3],
    ['a dip of 8 dB', -2800, 4],
  ])('refuses %s', (_, level, frames) => {
    const envelope = new Int16Array(300).fill(-2000);
    envelope.fill(level, 96, 96 + frames).fill(-3000, 130, 134);
    expect(flankedByDips(word, { speech, envelope })).toBe(false);
  });

  it('takes a pause of the mask as a dip', () => {
    const envelope = new Int16Array(300).fill(-2000);
    expect(flankedByDips(word, { speech: [range(0, 0.95), range(1, 1.3), range(1.36, 3)], envelope })).toBe(true);
  });
});
