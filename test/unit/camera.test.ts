import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CameraSpan, FrameRange } from '#contracts/plan';
import { planCamera } from '#media/reframe/camera';

const fps = 25;
const step = 5;
/** 9:16 out of 16:9. */
const window = 81 / 256;
const subjectWidth = 0.12;

interface Path {
  frames: number;
  /** Middle of the subject at a frame, a share of the picture's width; null when away. */
  at: (frame: number) => number | null;
  keep?: FrameRange[];
  scenes?: number[];
}

const whole = (frames: number): FrameRange[] => [{ start_frame: 0, end_frame: frames }];

function film({ frames, at, keep = whole(frames), scenes = [] }: Path, noise: (frame: number) => number = () => 0) {
  const looks = Array.from({ length: Math.ceil(frames / step) }, (_, index) => index * step);
  const samples = looks.flatMap((frame) => {
    const x = at(frame);
    return x === null ? [] : [{ frame, x: Math.min(1, Math.max(0, x + noise(frame))), width: subjectWidth }];
  });
  return planCamera({ keep, scenes, fps: `${fps}/1`, subjects: { step, samples }, window });
}

function cameraAt(spans: readonly CameraSpan[], frame: number): CameraSpan & { x: number } {
  const span = spans.findLast(({ start_frame }) => start_frame <= frame)!;
  const share = Math.min(1, Math.max(0, (frame - span.start_frame) / (span.end_frame - span.start_frame)));
  return { ...span, x: span.from_x + (span.to_x - span.from_x) * share ** 2 * (3 - 2 * share) };
}

/** The figures that a viewer would judge by; px at 1080 wide. */
function judge(spans: readonly CameraSpan[], { frames, at, keep = whole(frames) }: Path) {
  const shown = keep.flatMap((range) =>
    Array.from({ length: range.end_frame - range.start_frame }, (_, index) => range.start_frame + index).filter((frame) => frame % 3 === 0),
  );
  const inside = shown.filter((frame) => {
    const { x, layout } = cameraAt(spans, frame);
    const subject = at(frame);
    return layout === 'general' || subject === null || Math.abs(subject - x) + subjectWidth / 2 <= window / 2 + 1e-9;
  });
  const moves = spans.filter((span) => span.from_x !== span.to_x);
  const turns = moves.filter(
    (move, index) => index > 0 && (move.to_x - move.from_x) * (moves[index - 1]!.to_x - moves[index - 1]!.from_x) < 0,
  );
  const travel = moves.reduce((sum, move) => sum + Math.abs(move.to_x - move.from_x), 0);
  const seconds = (3 * shown.length) / fps;
  return { inside: inside.length / shown.length, reversalsPerS: turns.length / seconds, pxPerS: (travel / window) * (1080 / seconds) };
}

/** Repeats itself: a broken rule shows at the same place every time. */
function jitter(seed: number, size: number, outlierEvery = Number.POSITIVE_INFINITY) {
  return (frame: number) => {
    const random = Math.abs(Math.sin(seed * 12.9898 + frame * 78.233) * 43_758.5453) % 1;
    const isOutlier = frame % (outlierEvery * step) === 0 && frame > 0;
    return isOutlier ? 0.5 * (random > 0.5 ? 1 : -1) : (random - 0.5) * size;
  };
}

const minute = 60 * fps;
const paths: Record<string, Path> = {
  'a speaker at a desk': { frames: minute, at: () => 0.42 },
  'a speaker who sways': { frames: minute, at: (frame) => 0.5 + 0.03 * Math.sin(frame / 40) },
  'a speaker who walks across once': { frames: minute, at: (frame) => 0.3 + 0.4 * Math.min(1, Math.max(0, (frame - 500) / 200)) },
  'a speaker who walks to and fro': { frames: minute, at: (frame) => 0.5 + 0.25 * Math.tanh(4 * Math.sin(frame / 240)) },
  'two places, a cut between them': { frames: minute, scenes: [700], at: (frame) => (frame < 700 ? 0.25 : 0.75) },
  'a talk with its pauses cut out': {
    frames: minute,
    at: (frame) => 0.4 + 0.15 * Math.min(1, Math.max(0, (frame - 800) / 100)),
    keep: Array.from({ length: 15 }, (_, index) => ({ start_frame: index * 100, end_frame: index * 100 + 84 })),
  },
};

describe('the camera over made-up subjects, with jitter and outliers', () => {
  it.each(Object.entries(paths))('%s stays in the picture, and the picture stays calm', (_, path) => {
    for (const seed of [1, 2, 3]) {
      const figures = judge(film(path, jitter(seed, 0.06, 17)), path);
      expect(figures.inside).toBeGreaterThanOrEqual(0.98);
      expect(figures.reversalsPerS).toBeLessThanOrEqual(0.1);
      expect(figures.pxPerS).toBeLessThanOrEqual(50);
    }
  });

  it('the judge sees a camera that stands at the wrong place, and one that trembles', () => {
    const path = paths['a speaker at a desk']!;
    const wrong: CameraSpan[] = [{ start_frame: 0, end_frame: minute, layout: 'track', from_x: 0.8, to_x: 0.8 }];
    expect(judge(wrong, path).inside).toBe(0);
    const trembling = Array.from({ length: 60 }, (_, index): CameraSpan => {
      const [from_x, to_x] = index % 2 === 0 ? [0.4, 0.45] : [0.45, 0.4];
      return { start_frame: index * 25, end_frame: index * 25 + 25, layout: 'track', from_x, to_x };
    });
    expect(judge(trembling, path).reversalsPerS).toBeGreaterThan(0.9);
    expect(judge(trembling, path).pxPerS).toBeGreaterThan(100);
  });
});

describe('the rules of the camera', () => {
  const walks = fc.array(fc.record({ at: fc.integer({ min: 0, max: 1200 }), x: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    minLength: 1,
    maxLength: 12,
  });
  const cuts = fc.array(fc.integer({ min: 20, max: 1180 }), { maxLength: 6 });

  it('hold for any subject: even speed limits, rests, no move near a cut, every frame shown once', () => {
    fc.assert(
      fc.property(walks, cuts, fc.integer(), (places, scenes, seed) => {
        const sorted = places.toSorted((one, other) => one.at - other.at);
        const at = (frame: number) => (sorted.findLast((place) => place.at <= frame) ?? sorted[0]!).x;
        const spans = film({ frames: 1200, at, scenes: [...new Set(scenes)].sort((a, b) => a - b) }, jitter(seed % 97, 0.1));
        const edges = [0, ...scenes, 1200];
        let position = 0;
        let free = 0;
        for (const span of spans) {
          expect(span.start_frame).toBe(position);
          position = span.end_frame;
          if (span.from_x === span.to_x) continue;
          const seconds = (span.end_frame - span.start_frame) / fps;
          expect(seconds).toBeGreaterThanOrEqual(0.8);
          expect((1.5 * Math.abs(span.to_x - span.from_x)) / seconds).toBeLessThanOrEqual(0.6 * window + 1e-3);
          for (const edge of edges) {
            expect(edge > span.start_frame - 0.3 * fps + 1 && edge < span.end_frame + 0.3 * fps - 1).toBe(false);
          }
          expect(span.start_frame).toBeGreaterThanOrEqual(free);
          free = span.end_frame + (scenes.some((scene) => scene >= span.end_frame && scene < span.end_frame + fps) ? 0 : fps);
        }
        expect(position).toBe(1200);
      }),
      { numRuns: 60 },
    );
  });

  it('two looks outside move nothing, three do', () => {
    const away = (looks: number): Path => ({ frames: 300, at: (frame) => (frame >= 100 && frame < 100 + looks * step ? 0.8 : 0.4) });
    expect(film(away(2)).filter((span) => span.from_x !== span.to_x)).toEqual([]);
    const stays: Path = { frames: 300, at: (frame) => (frame >= 100 ? 0.8 : 0.4) };
    expect(film(stays).filter((span) => span.from_x !== span.to_x)).toHaveLength(1);
  });

  it('without a subject for a second and a half the whole picture is shown', () => {
    const layouts = film({ frames: 500, at: (frame) => (frame < 200 || frame > 400 ? 0.4 : null) }).map(({ layout }) => layout);
    expect(layouts).toEqual(['track', 'general', 'track']);
    expect(film({ frames: 200, at: () => null })).toEqual([{ start_frame: 0, end_frame: 200, layout: 'general', from_x: 0.5, to_x: 0.5 }]);
  });
});
