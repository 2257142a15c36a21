import { describe, expect, it } from 'vitest';
import { createCutFinder } from '#media/sight/cut-finder';
import { scoreBytes, scoreFrame, scoreHeight, scoreWidth } from '#media/sight/frame-score';
import { planCloseLook } from '#media/sight/scene-keys';
import { findCuts, thumbBytes } from '#media/sight/scene-rule';

/** A striped picture: `seed` moves the stripes, `level` is the mean, `noise` shakes every pixel a little. */
function picture({ seed = 0, level = 120, noise = 0 }: { seed?: number; level?: number; noise?: number }): Uint8Array {
  return Uint8Array.from({ length: thumbBytes }, (_, i) => {
    const stripe = Math.sin((i % 64) * (0.2 + seed * 0.37) + seed) * level * 0.5;
    return Math.max(0, Math.min(255, level + stripe + ((i * 7919 + noise * 104_729) % 5)));
  });
}
const shot = (seed: number, frames: number) => Array.from({ length: frames }, (_, noise) => picture({ seed, noise }));

describe('hard cuts', () => {
  it('are found on their frame', () => {
    expect(findCuts([...shot(1, 20), ...shot(2, 30), ...shot(3, 15)])).toEqual([20, 50]);
  });

  it('are not seen in a still shot, nor in one that changes all the time', () => {
    expect(findCuts(shot(1, 60))).toEqual([]);
    expect(findCuts(Array.from({ length: 60 }, (_, frame) => picture({ seed: frame * 0.4 })))).toEqual([]);
  });

  it('are told from flashes, after which the picture is back', () => {
    const flash = [picture({ level: 250 }), picture({ level: 250 })];
    expect(findCuts([...shot(1, 20), ...flash, ...shot(1, 20), ...shot(2, 20)])).toEqual([42]);
  });
});

it('a fade through black is one change, at its darkest frame', () => {
  const fade = Array.from({ length: 24 }, (_, i) => picture({ seed: i < 12 ? 1 : 2, level: Math.abs(i - 12) * 10 + 2 }));
  const cuts = findCuts([...shot(1, 20), ...fade, ...shot(2, 20)]);
  expect(cuts).toHaveLength(1);
  expect(Math.abs(cuts[0]! - 32)).toBeLessThanOrEqual(1);
});

it('a stream of any length gives the cuts of one look at the whole', () => {
  const thumbs = Array.from({ length: 40 }, (_, index) => shot(1 + (index % 3), 61)).flat();
  const finder = createCutFinder();
  for (const thumb of thumbs) finder.push(thumb);
  expect(finder.finish()).toEqual(findCuts(thumbs));
  expect(findCuts(thumbs)).toHaveLength(39);
});

describe('what key frames leave open', () => {
  const video = { index: 0, fps: '30/1', frames: 1200, start_s: 0, keyframes: Array.from({ length: 20 }, (_, index) => index * 60) };
  const keysOf = (seeds: number[]) => seeds.map((seed, noise) => picture({ seed, noise }));

  it('is nothing when all are alike', () => {
    expect(planCloseLook(keysOf(Array(20).fill(1)), video)).toEqual({ assumed: [], spans: [], stills: [] });
  });

  it('is the group whose ends differ, with the frames that tell a flash', () => {
    const keys = keysOf([...Array(7).fill(1), ...Array(13).fill(2)]);
    expect(planCloseLook(keys, video).spans).toEqual([{ start_frame: 360, end_frame: 428 }]);
  });

  it('is never more than 12 % of the video, with what the next groups show of it', () => {
    const { spans } = planCloseLook(keysOf(Array.from({ length: 20 }, (_, index) => index % 5)), video);
    const decoded = spans.reduce((sum, span) => sum + span.end_frame - span.start_frame, 0);
    expect(decoded).toBeLessThanOrEqual(1200 * 0.12 + spans.length * 8);
  });

  it('is placed where the encoder ended a group early when there is no share left', () => {
    const keyframes = [0, 600, 700, 1300, 1900];
    const { assumed } = planCloseLook(keysOf([1, 1, 2, 2, 2]), {
      ...video,
      frames: 2000,
      keyframes: keyframes.map((key) => (key === 700 ? 1000 : key)),
    });
    expect(assumed).toEqual([1000]);
  });
});

describe('a candidate scores', () => {
  const scoreOf = (luma: (x: number, y: number) => number) => {
    const pixels = new Uint8Array(scoreBytes).fill(128);
    for (let y = 0; y < scoreHeight; y++) for (let x = 0; x < scoreWidth; x++) pixels[y * scoreWidth + x] = luma(x, y);
    return scoreFrame(7, pixels);
  };
  const sharp = scoreOf((x, y) => 118 + 60 * Math.sign(Math.sin(x / 4) * Math.sin(y / 4)));

  it('less when it is blurred, dark, bright or empty', () => {
    const worse = [
      scoreOf((x, y) => 118 + 60 * Math.sin(x / 16) * Math.sin(y / 16)),
      scoreOf((x, y) => 20 + 10 * Math.sign(Math.sin(x / 4) * Math.sin(y / 4))),
      scoreOf((x, y) => 245 + 10 * Math.sign(Math.sin(x / 4) * Math.sin(y / 4))),
      scoreOf(() => 0),
    ];
    for (const other of worse) expect(other.score).toBeLessThan(sharp.score);
    expect(worse.at(-1)!.score).toBeLessThan(0.05);
  });

  it('and is known again by its hash', () => {
    expect(sharp.dhash).toMatch(/^[0-9a-f]{16}$/);
    expect(scoreOf((x) => x / 2).dhash).toBe('ffffffffffffffff');
    expect(scoreOf((x) => 255 - x / 2).dhash).toBe('0000000000000000');
  });
});
