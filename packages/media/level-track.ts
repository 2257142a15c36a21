import type { MediaCommand, MediaTools, RunOptions } from './ffmpeg.ts';
import { buildLevelFilter, chooseGain, type Level, type Loudness, parseLoudness } from './loudness.ts';

/** Raw interleaved f32le, as assembled. */
export interface RawTrack {
  /** Absolute path. */
  path: string;
  sampleRate: number;
  channels: 1 | 2;
  samples: number;
}

export interface LevelWish {
  /** Null: only `gainDb` is applied. */
  targetLufs: number | null;
  gainDb: number | null;
}

export interface LevelledTrack {
  /** In the working folder. */
  name: string;
  before: Loudness;
  /** Of the decoded AAC. */
  after: Loudness;
  gainDb: number;
}

type Tools = Pick<MediaTools, 'run'>;
type Options = Pick<RunOptions, 'cwd' | 'signal'>;

const name = 'audio.m4a';
/** AAC adds up to 1 dB between samples. */
const firstLimitDb = -2;
const truePeakDbtp = -1;
const toleranceLu = 0.2;
const mostEncodes = 3;
const bitrate = { 1: '128k', 2: '192k' } as const;

/** AAC in MP4 at the wished loudness, measured on what a listener decodes; at most two corrections. */
export async function levelTrack(track: RawTrack, wish: LevelWish, tools: Tools, options: Options): Promise<LevelledTrack> {
  const before = await measure(toRawInput(track), tools, options);
  let level = firstLevel(before, wish);
  for (let encodes = 1; ; encodes++) {
    await tools.run(buildEncode(track, level), options);
    const after = await measure({ path: `${options.cwd}/${name}` }, tools, options);
    const next = correct(level, after, wish);
    if (next === null || encodes === mostEncodes) return { name, before, after, gainDb: level.gainDb };
    level = next;
  }
}

/** Pure: what to do before anything was encoded. Silence and an unlevelled track pass untouched. */
export function firstLevel(before: Loudness, { targetLufs, gainDb }: LevelWish): Level {
  if (before.integratedLufs === null || (targetLufs === null && gainDb === null)) return { gainDb: 0, limitDb: null };
  const chosen = targetLufs === null ? gainDb! : chooseGain(before.integratedLufs, targetLufs);
  const peaks = (before.truePeakDbtp ?? 0) + chosen > firstLimitDb;
  return { gainDb: chosen, limitDb: peaks ? firstLimitDb : null };
}

/** Pure: the next attempt after measuring the last one; null when it is good, or nothing was asked for. */
export function correct(level: Level, after: Loudness, { targetLufs, gainDb }: LevelWish): Level | null {
  if (after.integratedLufs === null || (targetLufs === null && gainDb === null)) return null;
  const excess = (after.truePeakDbtp ?? truePeakDbtp) - truePeakDbtp;
  const errorLu = targetLufs === null ? 0 : targetLufs - after.integratedLufs;
  const gain = Math.abs(errorLu) > toleranceLu ? chooseGain(-level.gainDb - errorLu, 0) : level.gainDb;
  const limit = excess > 0 ? (level.limitDb ?? firstLimitDb) - excess - 0.2 : level.limitDb;
  const isSame = Math.abs(gain - level.gainDb) < 0.05 && limit === level.limitDb;
  return isSame ? null : { gainDb: gain, limitDb: limit ?? (gain > level.gainDb ? firstLimitDb : null) };
}

/** Pure: one AAC encode of exactly the track's samples. */
export function buildEncode(track: RawTrack, level: Level): MediaCommand {
  const filter = buildLevelFilter(level, track.sampleRate);
  const codec = ['-c:a', 'aac', '-b:a', bitrate[track.channels], '-movflags', '+faststart', '-f', 'mp4'];
  return {
    inputs: [toRawInput(track)],
    filterGraph: `[0:a]${filter},atrim=end_sample=${track.samples},apad=whole_len=${track.samples}[levelled]`,
    outputs: [{ options: ['-map', '[levelled]', ...codec], path: name }],
  };
}

const toRawInput = ({ path, sampleRate, channels }: RawTrack) => ({
  path,
  options: ['-f', 'f32le', '-ar', String(sampleRate), '-ac', String(channels)],
});

async function measure(input: { path: string; options?: string[] }, tools: Tools, options: Options): Promise<Loudness> {
  const run = await tools.run(
    {
      inputs: [input],
      filterGraph: '[0:a]ebur128=peak=true:framelog=verbose[measured]',
      outputs: [{ options: ['-map', '[measured]', '-f', 'null'], path: 'measured' }],
      verbose: true,
    },
    options,
  );
  return parseLoudness(run.stderr);
}
