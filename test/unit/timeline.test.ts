import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import type { Timeline } from '#contracts/render-specs';
import { countFrames } from '#media/render/pieces';
import { segmentSource } from '#media/render/segments';
import { buildTimeline, type TimelineInput } from '#media/render/timeline';
import { planFor } from '../helpers/plans.ts';
import { framesOf } from '../helpers/specs.ts';
import { videoFacts } from '../helpers/video-facts.ts';

const fps = '30/1';
const everySecond = (frames: number) => Array.from({ length: Math.ceil(frames / 30) }, (_, index) => index * 30);

describe('segments of a source', () => {
  it('cover every frame once, none longer than 32 s, each but a short video at least 8 s', () => {
    const sources = fc.record({
      frames: fc.integer({ min: 1, max: 20_000 }),
      gop: fc.integer({ min: 1, max: 900 }),
      scenes: fc.array(fc.integer({ min: 0, max: 20_000 })),
    });
    fc.assert(
      fc.property(sources, ({ frames, gop, scenes }) => {
        const keyframes = Array.from({ length: Math.ceil(frames / gop) }, (_, index) => index * gop);
        const segments = segmentSource({ frames, fps, keyframes, scenes });
        expect(segments[0]!.start_frame).toBe(0);
        expect(segments.at(-1)!.end_frame).toBe(frames);
        for (const [index, segment] of segments.entries()) {
          expect(segment.start_frame).toBe(segments[index - 1]?.end_frame ?? 0);
          expect(segment.end_frame - segment.start_frame).toBeLessThanOrEqual(32 * 30);
          if (segments.length > 1) expect(segment.end_frame - segment.start_frame).toBeGreaterThanOrEqual(8 * 30);
        }
      }),
    );
  });

  it('begin on key frames, at a scene change when one is in reach', () => {
    const frames = 3600;
    const starts = segmentSource({ frames, fps, keyframes: everySecond(frames), scenes: [512, 1400] }).map(
      (segment) => segment.start_frame,
    );
    expect(starts).toEqual([0, 510, 1110, 1710, 2310, 2910]);
  });

  it('are cut between key frames only where there are none', () => {
    expect(segmentSource({ frames: 1500, fps, keyframes: [0], scenes: [] }).map((segment) => segment.start_frame)).toEqual([0, 600, 1200]);
  });
});

describe('a timeline', () => {
  it('shows exactly the kept frames, in order, whatever is kept', () => {
    fc.assert(
      fc.property(edits(), (keep) => {
        const timeline = build(keep);
        expect(timeline.chunks.flatMap((chunk) => framesOf(chunk.keep))).toEqual(framesOf(keep));
        expect(timeline.chunks.map((chunk) => chunk.frames)).toEqual(timeline.chunks.map((chunk) => countFrames(chunk.keep)));
        if (timeline.chunks.length > 1) expect(Math.min(...timeline.chunks.map((chunk) => chunk.frames))).toBeGreaterThanOrEqual(8);
      }),
      { numRuns: 50 },
    );
  });

  it('changes only the pieces near a cut that is moved', () => {
    fc.assert(
      fc.property(edits(), fc.nat(), fc.integer({ min: 1, max: 5 }), (keep, which, by) => {
        const moved = keep.map((range, index) =>
          index === which % keep.length ? { ...range, end_frame: Math.max(range.start_frame + 1, range.end_frame - by) } : range,
        );
        const before = new Set(build(keep).chunks.map((chunk) => JSON.stringify(chunk)));
        const changed = build(moved).chunks.filter((chunk) => !before.has(JSON.stringify(chunk)));
        // the piece of the moved edge, and a neighbour when one of them is left almost empty
        expect(changed.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 50 },
    );
  });

  it('begins decoding at the key frame before the first kept frame', () => {
    expect(build([range(75, 200)]).chunks[0]).toMatchObject({ decode_from: 60, keep: [range(75, 200)], frames: 125 });
  });

  it('burns the words that a piece shows, in its own time', () => {
    const words = [{ text: 'late', start_s: 21, end_s: 21.5 }];
    const plan = planFor(source(), [range(0, 3600)], { captions: { burn: true, formats: [], words } });
    const burns = buildTimeline({ ...input(), plan }).chunks.map((chunk) => chunk.burn.map((word) => [word.text, word.start_s]));
    expect(burns.slice(0, 3)).toEqual([[], [['late', 1]], []]);
  });

  it('changes only the pieces under a card; footage of which nothing is cut is one copied piece until there is a card', () => {
    const spec = { text: 'Here', detail: '', theme: 'midnight' as const };
    const card = { kind: 'title' as const, spec, source_text: '', start_frame: 700, end_frame: 800 };
    const chunksOf = (keep: FrameRange[], overlays: (typeof card)[]) =>
      buildTimeline({ ...input(), plan: planFor(source(), keep, { overlays }) }).chunks.map((chunk) => JSON.stringify(chunk));
    const cut = [range(10, 3600)];
    const [bare, covered] = [chunksOf(cut, []), chunksOf(cut, [card])];
    expect(covered.flatMap((chunk, index) => (chunk === bare[index] ? [] : [index]))).toEqual([1]);
    expect(chunksOf([range(0, 3600)], [])).toHaveLength(1);
    expect(chunksOf([range(0, 3600)], [card])).toHaveLength(6);
  });

  it('cuts another shape out of every piece, each of its frames under one stand or move of the camera', () => {
    const camera = [
      { start_frame: 0, end_frame: 500, layout: 'track' as const, from_x: 0.3, to_x: 0.3 },
      { start_frame: 500, end_frame: 530, layout: 'track' as const, from_x: 0.3, to_x: 0.6 },
    ];
    const plan = { ...planFor(source(), [range(10, 300), range(480, 520), range(600, 3600)]), reframe: camera };
    const settings = { ...input().settings, output: { ...input().settings.output, aspect: '9:16' as const } };
    const timeline = buildTimeline({ ...input(), plan, settings });
    expect(timeline.width / timeline.height).toBeCloseTo(9 / 16, 2);
    for (const { reframe, frames, smart } of timeline.chunks) {
      expect(smart).toBeNull();
      expect(reframe).toMatchObject({ width: timeline.width, height: timeline.height });
      const edges = reframe!.spans.flatMap(({ start_frame, end_frame }) => [start_frame, end_frame]);
      expect([edges[0], edges.at(-1)]).toEqual([0, frames]);
      for (let index = 1; index + 1 < edges.length; index += 2) expect(edges[index]).toBe(edges[index + 1]);
    }
    const moving = timeline.chunks.flatMap(({ reframe }) => reframe!.spans.filter(({ from_x, to_x }) => from_x !== to_x));
    expect(moving).toEqual([expect.objectContaining({ start_frame: 310, end_frame: 330, move: { start_frame: 310, end_frame: 340 } })]);
  });

  it('is refused for what cannot be made here', () => {
    const asking = (output: object) => () =>
      buildTimeline({ ...input(), settings: { ...input().settings, output: { ...input().settings.output, ...output } } });
    expect(asking({ codec: 'av1' })).toThrow(expect.objectContaining({ code: 'CAPABILITY_MISSING' }));
    expect(asking({ hardware: 'required' })).toThrow(expect.objectContaining({ code: 'CAPABILITY_MISSING' }));
  });

  it('says when HDR cannot be mapped and does not ask for the filter then', () => {
    const hdr = { ...input(), source: { ...source(), video: { ...source().video, hdr: true } } };
    const flat = buildTimeline({ ...hdr, capabilities: { ...hdr.capabilities, filters: new Set() } });
    expect(flat.chunks[0]!.picture.tone_map).toBe(false);
    expect(flat.warnings).toMatchObject([{ code: 'HDR_NOT_MAPPED' }]);
    expect(buildTimeline(hdr).chunks[0]!.picture.tone_map).toBe(true);
  });
});

/** Kept ranges of 4 to 400 frames with gaps of 1 to 200, inside two minutes. */
function edits(): fc.Arbitrary<FrameRange[]> {
  const piece = fc.record({ gap: fc.integer({ min: 1, max: 200 }), length: fc.integer({ min: 4, max: 400 }) });
  return fc.array(piece, { minLength: 1, maxLength: 40 }).map((pieces) => {
    let at = 0;
    const keep = pieces.map(({ gap, length }) => {
      const start = at + gap;
      at = start + length;
      return range(start, at);
    });
    const inside = keep.filter((kept) => kept.end_frame <= 3600);
    return inside.length > 0 ? inside : [range(10, 100)];
  });
}

function build(keep: FrameRange[]): Timeline {
  return buildTimeline({ ...input(), plan: planFor(source(), keep) });
}

function input(): TimelineInput {
  const output = { aspect: 'source', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' } as const;
  return {
    source: source(),
    container: 'mov,mp4',
    plan: planFor(source(), [range(0, 3600)]),
    videoSignals: { scenes: [], candidates: [] },
    settings: { mode: 'balanced', quality: 'high', smart_render: 'auto', output },
    capabilities: {
      build: 'test',
      encoders: new Set(['libx264', 'libx265']),
      deepEncoders: new Set(['libx265']),
      hardware: new Set(),
      filters: new Set(['zscale', 'tonemap']),
    },
  };
}

function source() {
  const blob = { key: 'source', bytes: 1, sha256: 'abc', content_type: 'video/mp4' };
  return { blob, normalized: false, video: videoFacts({ fps, frames: 3600, keyframes: everySecond(3600) }) };
}

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
