import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAssembler } from '#media/sound/assembler';
import { sampleAt } from '#media/sound/sample-grid';
import { buildSpans } from '#media/sound/spans';
import { joinRatio } from '../helpers/metrics.ts';
import { makeNoise, makeVoice } from '../helpers/sounds.ts';

const rates = ['24000/1001', '24/1', '25/1', '30000/1001', '30/1', '50/1', '60000/1001', '60/1', '120/1', '15/1', '12500/417'];
const anyRate = fc.constantFrom(...rates);
const anyKeep = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 20 })
  .map((steps) => {
    let at = 0;
    return steps.map(([gap, length]) => {
      const start_frame = at + gap;
      at = start_frame + length;
      return { start_frame, end_frame: at };
    });
  });
const framesOf = (keep: { start_frame: number; end_frame: number }[]) =>
  keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);

function assemble(
  source: Float32Array,
  {
    keep,
    fps,
    sampleRate,
    channels = 1,
    block = 1000,
  }: { keep: Parameters<typeof buildSpans>[0]; fps: string; sampleRate: number; channels?: number; block?: number },
): number[] {
  const edit = buildSpans(keep, { sampleRate, fps });
  const assembler = createAssembler({ ...edit, channels });
  const output: number[] = [];
  for (let start = 0; start < source.length; start += block * channels)
    output.push(...assembler.push(source.subarray(start, start + block * channels)));
  output.push(...assembler.end());
  return output;
}

it('the sample of a frame never strays more than half a sample from its exact time, however late the frame', () => {
  fc.assert(
    fc.property(anyRate, fc.integer({ min: 0, max: 5_000_000 }), fc.constantFrom(16_000, 44_100, 48_000), (fps, frame, sampleRate) => {
      const [num, den] = fps.split('/').map(BigInt);
      const doubled = 2n * BigInt(sampleAt(frame, { sampleRate, fps })) * num! - 2n * BigInt(frame) * BigInt(sampleRate) * den!;
      expect(doubled <= num! && doubled >= -num!).toBe(true);
    }),
  );
});

it('the edit is exactly S(output frames) long, whatever is kept and however the source arrives', () => {
  fc.assert(
    fc.property(anyKeep, anyRate, fc.integer({ min: 1, max: 3000 }), fc.boolean(), (keep, fps, block, isShort) => {
      const sampleRate = 4000;
      const frames = isShort ? Math.floor(keep.at(-1)!.end_frame / 2) : keep.at(-1)!.end_frame + 3;
      const source = new Float32Array(sampleAt(frames, { sampleRate, fps })).fill(0.5);
      expect(assemble(source, { keep, fps, sampleRate, block })).toHaveLength(sampleAt(framesOf(keep), { sampleRate, fps }));
    }),
    { numRuns: 60 },
  );
});

it('away from joins the edit is the source itself, each keep from S(its first frame)', () => {
  const fps = '30000/1001';
  const sampleRate = 48_000;
  const keep = [
    { start_frame: 7, end_frame: 40 },
    { start_frame: 55, end_frame: 90 },
  ];
  const source = Float32Array.from({ length: sampleAt(100, { sampleRate, fps }) * 2 }, (_, index) => index);
  const output = assemble(source, { keep, fps, sampleRate, channels: 2 });
  const second = sampleAt(33, { sampleRate, fps });
  const from = sampleAt(55, { sampleRate, fps });
  expect(output[0]).toBe(2 * sampleAt(7, { sampleRate, fps }));
  for (const offset of [240, 1000, 5000]) {
    expect(output[2 * (second + offset)]).toBe(2 * (from + offset));
    expect(output[2 * (second + offset) + 1]).toBe(2 * (from + offset) + 1);
  }
});

it('keeps without a cut between them leave the sound untouched', () => {
  const source = makeNoise(48_000, 0.1);
  const keep = [
    { start_frame: 0, end_frame: 10 },
    { start_frame: 10, end_frame: 25 },
  ];
  expect(assemble(source, { keep, fps: '25/1', sampleRate: 48_000 })).toEqual([...source]);
});

it('a crossfade is 10 ms long and keeps the power of unlike sounds', () => {
  const { spans } = buildSpans(
    [
      { start_frame: 0, end_frame: 10 },
      { start_frame: 20, end_frame: 30 },
    ],
    { sampleRate: 48_000, fps: '25/1' },
  );
  expect([spans[0]!.fadeOut, spans[1]!.fadeIn]).toEqual([480, 480]);
  const source = makeNoise(3 * 48_000, 0.2, 7);
  const keep = Array.from({ length: 30 }, (_, index) => ({ start_frame: 2 * index, end_frame: 2 * index + 1 }));
  const output = assemble(source, { keep, fps: '25/1', sampleRate: 48_000 });
  const faded = output.filter((_, index) => index > 1920 && Math.abs(((index + 960) % 1920) - 960) < 240);
  const power = faded.reduce((sum, value) => sum + value * value, 0) / faded.length;
  expect(10 * Math.log10(power / 0.04)).toBeCloseTo(0, 0);
});

it('joins of a steady voice do not click', () => {
  const sampleRate = 48_000;
  const keep = [
    { start_frame: 0, end_frame: 30 },
    { start_frame: 41, end_frame: 75 },
  ];
  const output = Float32Array.from(assemble(makeVoice(3 * sampleRate, sampleRate), { keep, fps: '25/1', sampleRate }));
  expect(joinRatio(output, sampleAt(30, { sampleRate, fps: '25/1' }), sampleRate)).toBeLessThanOrEqual(1.5);
});
