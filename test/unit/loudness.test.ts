import { describe, expect, it } from 'vitest';
import { correct, firstLevel } from '#media/sound/level-track';
import { parseLoudness } from '#media/sound/loudness';
import { buildDecode } from '#media/sound/pcm';

const summary = (integrated: string, peak: string) => `[Parsed_ebur128_0 @ 0x1] Summary:

  Integrated loudness:
    I:         ${integrated} LUFS
    Threshold: -32.2 LUFS

  Loudness range:
    LRA:         9.1 LU
    LRA low:   -30.3 LUFS

  True peak:
    Peak:       ${peak} dBFS
`;
/** Ten seconds as loud as said, with one peak in the middle. */
function levelsOf(lufs: number, peakDb: number) {
  const power = new Float32Array(2000).fill(10 ** ((lufs + 0.691) / 10));
  const peak = new Float32Array(2000).fill(0.01);
  peak[1000] = 10 ** (peakDb / 20);
  return { power, peak };
}
const loudness = (integratedLufs: number | null, truePeakDbtp: number | null = -6) => ({ integratedLufs, rangeLu: 5, truePeakDbtp });
const wish = { targetLufs: -14, gainDb: null };

describe('loudness', () => {
  it('is read from the summary, silence as null', () => {
    expect(parseLoudness(summary('-21.9', '-9.2'))).toEqual({ integratedLufs: -21.9, rangeLu: 9.1, truePeakDbtp: -9.2 });
    expect(parseLoudness(summary('-70.0', '-inf'))).toMatchObject({ integratedLufs: null, truePeakDbtp: null });
    expect(parseLoudness('')).toEqual({ integratedLufs: null, rangeLu: 0, truePeakDbtp: null });
  });

  it('is never raised or lowered by more than 24 dB, and silence is left alone', () => {
    expect(firstLevel(levelsOf(-60, -50), wish)).toEqual({ gainDb: 24, limitDb: null });
    expect(firstLevel(levelsOf(5, -9), { ...wish, targetLufs: -30 })).toEqual({ gainDb: -24, limitDb: null });
    expect(firstLevel(levelsOf(-80, -60), wish)).toBeNull();
    expect(firstLevel(levelsOf(-20, -9), { targetLufs: null, gainDb: null })).toBeNull();
  });

  it('limits only where peaks come near the ceiling', () => {
    expect(firstLevel(levelsOf(-20, -6), wish)).toMatchObject({ limitDb: -2 });
    expect(firstLevel(levelsOf(-20, -12), wish)).toEqual({ gainDb: 6, limitDb: null });
    expect(firstLevel(levelsOf(-20, -12), { targetLufs: null, gainDb: 3 })).toEqual({ gainDb: 3, limitDb: null });
  });

  it('counts with peaks between samples: 1.5 dB above those that were seen', () => {
    expect(firstLevel(levelsOf(-20, -9.6), wish)?.limitDb).toBeNull();
    expect(firstLevel(levelsOf(-20, -9.4), wish)?.limitDb).toBe(-2);
  });

  it('lowers the ceiling by what the decoded peak is over −1 dBTP, and makes up for what the codec took', () => {
    const level = { gainDb: 6, limitDb: -2 };
    const levels = levelsOf(-20, -12);
    expect(correct({ level, after: loudness(-14.1, -1.2) }, levels, -14)).toBeNull();
    const next = correct({ level, after: loudness(-14.5, -0.5) }, levels, -14)!;
    expect(next.limitDb).toBeCloseTo(-2.6);
    expect(next.gainDb).toBeCloseTo(6.5);
  });

  it('gives up where another encode would be the same', () => {
    expect(correct({ level: { gainDb: 24, limitDb: null }, after: loudness(-26, -10) }, levelsOf(-50, -40), -14)).toBeNull();
  });
});

describe('the decoding command', () => {
  const facts = (container: string, channels = 2) =>
    ({ container, audio: { index: 1, channels }, video: { start_s: 0.5 } }) as Parameters<typeof buildDecode>[0]['facts'];
  const spec = { path: '/in', sampleRate: 48_000, channels: 2 as const, samples: 96_000 };

  it('starts at the first video frame, ends with the last and fills what is missing', () => {
    const command = buildDecode({ ...spec, facts: facts('mov,mp4') });
    expect(command.filterGraph).toBe(
      '[0:1]asetpts=PTS-0.5/TB,atrim=end=2,aresample=48000:async=1:first_pts=0:min_hard_comp=0.05,aformat=sample_fmts=flt:sample_rates=48000:channel_layouts=stereo[pcm]',
    );
    expect(command.outputs).toEqual([{ options: ['-map', '[pcm]', '-f', 'f32le'], path: 'pipe:1' }]);
  });

  it('asks for every stream of formats whose clock starts with the earliest stream asked for', () => {
    expect(buildDecode({ ...spec, facts: facts('mpegts') }).outputs.at(-1)?.options).toContain('-ignore_unknown');
  });

  it('takes the first channels where no downmix is defined', () => {
    expect(buildDecode({ ...spec, facts: facts('mov,mp4', 16) }).filterGraph).toContain('pan=stereo|c0=c0|c1=c1');
  });
});
