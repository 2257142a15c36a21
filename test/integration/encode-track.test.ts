import '../helpers/scratch.ts';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { encodeTrack } from '#media/sound/encode-track';
import { createLevelMeter } from '#media/sound/level-meter';
import { type RawTrack, toBytes } from '#media/sound/raw-track';
import { decodePlain, measureLoudness } from '../helpers/audio.ts';
import { processesOf } from '../helpers/leftovers.ts';

const sampleRate = 48_000;
const samples = 3 * sampleRate + 321;
const signal = new AbortController().signal;
const level = { gainDb: 3, limitDb: -2 };
let folder: string;
let tools: MediaTools;
let pcm: Float32Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encode-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  pcm = Float32Array.from({ length: 2 * samples }, (_, index) => 0.2 * Math.sin((index >> 1) * 0.05) * Math.sin((index >> 1) * 0.0003));
  await writeFile(join(folder, 'edited.f32'), toBytes(pcm));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function buildTrack(): RawTrack {
  const meter = createLevelMeter(2);
  meter.push(pcm);
  return { path: join(folder, 'edited.f32'), sampleRate, channels: 2, samples, levels: meter.end() };
}

/** Real tools, but for the half that reads or does not read coded sound. */
const failing = (half: 'encode' | 'measure', fail: () => Promise<never>): Pick<MediaTools, 'run'> => ({
  run: (command, options) => ((command.filterGraph === undefined) === (half === 'encode') ? fail() : tools.run(command, options)),
});

describe('an encode that is measured while it is made', () => {
  it('has every sample at its place, and tells what the finished file measures', async () => {
    const cwd = await mkdtemp(join(folder, 'whole-'));
    await encodeTrack(buildTrack(), { gainDb: -20, limitDb: null }, tools, { cwd, signal }); // as before a correction
    const { name, after } = await encodeTrack(buildTrack(), level, tools, { cwd, signal });
    const output = await decodePlain(join(cwd, name), { channels: 2 });
    expect(output.length).toBeGreaterThanOrEqual(pcm.length);
    expect(output.length).toBeLessThan(pcm.length + 2 * 1024);
    const gain = 10 ** (level.gainDb / 20);
    const noise = pcm.reduce((sum, sample, index) => sum + (gain * sample - output[index]!) ** 2, 0);
    const power = pcm.reduce((sum, sample) => sum + (gain * sample) ** 2, 0);
    expect(10 * Math.log10(power / noise)).toBeGreaterThan(30);
    const { lufs, peakDbtp } = await measureLoudness(join(cwd, name));
    expect(after).toMatchObject({ integratedLufs: lufs, truePeakDbtp: peakDbtp });
    expect(await readdir(cwd)).toEqual(['audio.m4a']);
  });

  it.each(['encode', 'measure'] as const)('ends as a whole, with the reason, when the %s cannot begin', async (half) => {
    const cwd = await mkdtemp(join(folder, `${half}-`));
    const broken = failing(half, () => Promise.reject(new Error(`no ${half}`)));
    await expect(encodeTrack(buildTrack(), level, broken, { cwd, signal })).rejects.toThrow(`no ${half}`);
    expect(processesOf(cwd)).toEqual([]);
  });

  it('fails when its samples cannot be read', async () => {
    const cwd = await mkdtemp(join(folder, 'unreadable-'));
    const track = { ...buildTrack(), path: join(folder, 'missing.f32') };
    await expect(encodeTrack(track, level, tools, { cwd, signal })).rejects.toThrow('ENOENT');
    expect(processesOf(cwd)).toEqual([]);
  });

  it('ends at the signal, both halves', async () => {
    const cwd = await mkdtemp(join(folder, 'abort-'));
    const controller = new AbortController();
    const slow: Pick<MediaTools, 'run'> = {
      run: (command, options) => {
        setTimeout(() => controller.abort(new Error('cancelled')), 20); // somewhere in the middle
        return tools.run(command, options);
      },
    };
    await expect(encodeTrack(buildTrack(), level, slow, { cwd, signal: controller.signal })).rejects.toThrow('cancelled');
    expect(processesOf(cwd)).toEqual([]);
  });
});
