import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifacts } from '#contracts/artifacts';
import type { Facts } from '#contracts/footage';
import type { EditPlan } from '#contracts/plan';
import type { MediaTools, RunOptions } from '../ffmpeg.ts';
import { createAssembler } from './assembler.ts';
import { decodeDenoised } from './denoise.ts';
import { foretell } from './forecast.ts';
import { createLevelMeter, type TrackLevels } from './level-meter.ts';
import { levelTrack } from './level-track.ts';
import { type RawTrack, toBytes } from './raw-track.ts';
import { sampleAt } from './sample-grid.ts';
import { buildSpans, type Span } from './spans.ts';

/** The `audio` artifact before its bytes are stored; `name` is in the working folder, null when the source has no sound. */
export type AudioTrack = Omit<Artifacts['audio'], 'blob' | 'outputs'> & { name: string | null };

export interface AudioTrackInput {
  /** Absolute path of the upload. */
  path: string;
  facts: Pick<Facts, 'container' | 'audio' | 'video'>;
  plan: Pick<EditPlan, 'keep' | 'audio' | 'source'>;
}

type RenderOptions = Pick<RunOptions, 'cwd' | 'signal'> & { onProgress?: (fraction: number) => void };

/** Sample rate of every delivered track. */
export const deliveryRate = 48_000;
const decodeShare = 0.5;
/** Beyond this the listener hears it; the gain cap or the limiter stood in the way. */
const reportedErrorLu = 0.3;

/** One continuous AAC track, exactly as long as the kept frames: decoded once, denoised, joined, levelled, encoded as a whole. */
export async function renderAudioTrack(
  input: AudioTrackInput,
  tools: Pick<MediaTools, 'run'>,
  options: RenderOptions,
): Promise<AudioTrack> {
  const { facts, plan } = input;
  const { spans, samples } = buildSpans(plan.keep, { sampleRate: deliveryRate, fps: plan.source.fps });
  if (facts.audio === null) return withoutSound;
  const channels = facts.audio.channels >= 2 ? 2 : 1;
  const edit: Edit = { path: join(options.cwd, 'edited.f32'), sampleRate: deliveryRate, channels, samples, spans };
  const levels = await writeEdit(input, edit, tools, options);
  const wish = { targetLufs: plan.audio.target_lufs, gainDb: plan.audio.gain_db };
  const levelled = await levelTrack({ ...edit, levels }, wish, tools, options);
  await rm(edit.path);
  options.onProgress?.(1);
  const after = levelled.after.integratedLufs;
  return {
    name: levelled.name,
    samples,
    sample_rate: deliveryRate,
    before_lufs: toTenths(foretell(levels, { gainDb: 0, limitDb: null })),
    after_lufs: after,
    true_peak_dbtp: levelled.after.truePeakDbtp,
    gain_db: levelled.level.gainDb,
    denoise: plan.audio.denoise,
    warnings: warnOfLoudness(after, wish.targetLufs),
  };
}

interface Edit extends Omit<RawTrack, 'levels'> {
  spans: Span[];
}

/** The sound as cut, with its levels: they are heard while it passes. */
async function writeEdit(
  { path, facts, plan }: AudioTrackInput,
  { path: editPath, sampleRate, channels, samples, spans }: Edit,
  tools: Pick<MediaTools, 'run'>,
  options: RenderOptions,
): Promise<TrackLevels> {
  const assembler = createAssembler({ spans, samples, channels });
  const meter = createLevelMeter(channels);
  const sourceSamples = sampleAt(plan.source.frames, { sampleRate, fps: plan.source.fps });
  const spec = { path, facts, sampleRate, channels, samples: sourceSamples };
  await using file = await open(editPath, 'w');
  const write = async (edited: Float32Array) => {
    meter.push(edited);
    await file.writeFile(toBytes(edited));
  };
  await decodeDenoised(spec, plan.audio.denoise, tools, {
    cwd: options.cwd,
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(decodeShare * fraction),
    onBlock: (block) => write(assembler.push(block)),
  });
  await write(assembler.end());
  return meter.end();
}

/** As ebur128 tells it. */
const toTenths = (lufs: number | null) => (lufs === null ? null : Math.round(10 * lufs) / 10);

function warnOfLoudness(lufs: number | null, targetLufs: number | null): AudioTrack['warnings'] {
  if (targetLufs === null) return [];
  const warn = (message: string) => [{ code: 'LOUDNESS_MISSED', stage: 'render-audio', message }];
  if (lufs === null) return warn('The sound is silence; its level was left alone.');
  return Math.abs(lufs - targetLufs) <= reportedErrorLu ? [] : warn(`The loudness is ${lufs} LUFS instead of ${targetLufs}.`);
}

const withoutSound: AudioTrack = {
  name: null,
  samples: 0,
  sample_rate: deliveryRate,
  before_lufs: null,
  after_lufs: null,
  true_peak_dbtp: null,
  gain_db: 0,
  denoise: { method: 'none', estimated_snr_db: null, wet: 0 },
  warnings: [],
};
