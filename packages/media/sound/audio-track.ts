import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifacts } from '#contracts/artifacts';
import type { Facts } from '#contracts/footage';
import type { EditPlan } from '#contracts/plan';
import type { MediaTools, RunOptions } from '../ffmpeg.ts';
import { createAssembler } from './assembler.ts';
import { decodeDenoised } from './denoise.ts';
import { levelTrack, type RawTrack } from './level-track.ts';
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
  const track: RawTrack = { path: join(options.cwd, 'edited.f32'), sampleRate: deliveryRate, channels, samples };
  await writeEdit(input, { track, spans }, tools, options);
  const wish = { targetLufs: plan.audio.target_lufs, gainDb: plan.audio.gain_db };
  const levelled = await levelTrack(track, wish, tools, options);
  options.onProgress?.(1);
  const after = levelled.after.integratedLufs;
  return {
    name: levelled.name,
    samples,
    sample_rate: deliveryRate,
    before_lufs: levelled.before.integratedLufs,
    after_lufs: after,
    true_peak_dbtp: levelled.after.truePeakDbtp,
    gain_db: levelled.level.gainDb,
    denoise: plan.audio.denoise,
    warnings: warnOfLoudness(after, wish.targetLufs),
  };
}

async function writeEdit(
  { path, facts, plan }: AudioTrackInput,
  { track, spans }: { track: RawTrack; spans: Span[] },
  tools: Pick<MediaTools, 'run'>,
  options: RenderOptions,
): Promise<void> {
  const assembler = createAssembler({ spans, samples: track.samples, channels: track.channels });
  const sourceSamples = sampleAt(plan.source.frames, { sampleRate: deliveryRate, fps: plan.source.fps });
  const spec = { path, facts, sampleRate: deliveryRate, channels: track.channels, samples: sourceSamples };
  await using file = await open(track.path, 'w');
  await decodeDenoised(spec, plan.audio.denoise, tools, {
    cwd: options.cwd,
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(decodeShare * fraction),
    onBlock: async (block) => void (await file.writeFile(toBytes(assembler.push(block)))),
  });
  await file.writeFile(toBytes(assembler.end()));
}

const toBytes = (samples: Float32Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

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
