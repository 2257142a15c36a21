import { expect, it } from 'vitest';
import type { ScoredFrame } from '#contracts/artifacts';
import { pickThumbnails } from '#director/thumbnail-picks';

const whole = { keep: [{ start_frame: 0, end_frame: 3000 }], scenes: [], fps: '30/1' };
const hashes = ['0000000000000000', 'ffffffffffffffff', '00000000ffffffff', 'ffffffff00000000'];

it('picks the best frames, best first', () => {
  const picks = pickThumbnails([candidate(300, 0.4, 0), candidate(900, 0.9, 1), candidate(1500, 0.6, 2)], { ...whole, count: 2 });
  expect(picks).toEqual([
    { frame: 900, score: 0.9 },
    { frame: 1500, score: 0.6 },
  ]);
});

it('takes no frame near a cut or a scene change, however good it looks', () => {
  const keep = [
    { start_frame: 0, end_frame: 1000 },
    { start_frame: 1100, end_frame: 2000 },
  ];
  const near = [
    candidate(4, 1, 0),
    candidate(996, 1, 1),
    candidate(1050, 1, 2),
    candidate(1104, 1, 3),
    candidate(504, 1, 0),
    candidate(496, 1, 1),
  ];
  expect(pickThumbnails([...near, candidate(700, 0.1, 0)], { ...whole, keep, scenes: [500], count: 3 })).toEqual([
    { frame: 700, score: 0.1 },
  ]);
});

it('prefers a different picture to a better one of the same', () => {
  const picks = pickThumbnails([candidate(300, 0.9, 0), candidate(1200, 0.8, 0), candidate(2100, 0.3, 1)], { ...whole, count: 2 });
  expect(picks.map(({ frame }) => frame)).toEqual([300, 2100]);
});

it('falls back to alike pictures well apart, as in a talking head', () => {
  const talk = Array.from({ length: 20 }, (_, index) => candidate(100 + index * 20, 0.5 + index / 100, 0));
  const picks = pickThumbnails(talk, { ...whole, count: 3 });
  expect(picks).toHaveLength(3);
  const frames = picks.map(({ frame }) => frame).sort((a, b) => a - b);
  expect(Math.min(frames[1]! - frames[0]!, frames[2]! - frames[1]!)).toBeGreaterThanOrEqual(90);
});

it('gives the middle of the longest kept range when no candidate is calm', () => {
  const keep = [
    { start_frame: 0, end_frame: 9 },
    { start_frame: 20, end_frame: 31 },
  ];
  expect(pickThumbnails([candidate(2, 1, 0)], { ...whole, keep, count: 3 })).toEqual([{ frame: 25, score: 0 }]);
});

function candidate(frame: number, score: number, picture: number): ScoredFrame {
  return { frame, score, sharp: score, exposure: score, contrast: score, colour: score, dhash: hashes[picture]! };
}
