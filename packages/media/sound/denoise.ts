import type { EditPlan } from '#contracts/plan';
import type { MediaTools } from '../ffmpeg.ts';
import { createProfileMeter, type NoiseProfile } from './noise-profile.ts';
import { decodePcm, type PcmOptions, type PcmSpec } from './pcm.ts';
import { createVoiceCleaner } from './voice-cleaner.ts';

/** Zero-phase: an IIR high-pass would cost 2–8 dB of SI-SDR by its phase alone. */
const highpass = "firequalizer=gain_entry='entry(0,-48);entry(50,-48);entry(85,0);entry(24000,0)':zero_phase=on:accuracy=10";
const reductionDb = 20;
const milderReductionDb = 12;
/** Above this estimate both reductions measured the same; the milder one does less to the voice. */
const milderFromSnrDb = 21;

type Denoise = EditPlan['audio']['denoise'];

/** Decodes like `decodePcm`, cleaned as the plan says: without delay, in the same length. */
export async function decodeDenoised(spec: PcmSpec, denoise: Denoise, tools: Pick<MediaTools, 'run'>, options: PcmOptions): Promise<void> {
  if (denoise.method === 'none') return void (await decodePcm(spec, tools, options));
  if (denoise.method === 'rnnoise') return decodeVoice(spec, denoise.wet, tools, options);
  const profile = denoise.method === 'profile' ? await learnProfile(spec, tools, options) : null;
  const filters = buildDenoiseFilters({ sampleRate: spec.sampleRate, estimatedSnrDb: denoise.estimated_snr_db, profile });
  await decodePcm({ ...spec, filters }, tools, options);
}

/** Pure: the high-pass, and with a profile the spectral gate; what each adds in delay is taken off again. */
export function buildDenoiseFilters({
  sampleRate,
  estimatedSnrDb,
  profile,
}: {
  sampleRate: number;
  estimatedSnrDb: number | null;
  profile: NoiseProfile | null;
}): string[] {
  const reduction = (estimatedSnrDb ?? 0) > milderFromSnrDb ? milderReductionDb : reductionDb;
  const gate = profile === null ? [] : [buildGate(profile, reduction)];
  const delay = Math.round(0.01 * sampleRate) + (profile === null ? 0 : Math.floor(0.025 * sampleRate));
  return ['apad=pad_dur=0.1', highpass, ...gate, `atrim=start_sample=${delay}`, 'asetpts=PTS-STARTPTS'];
}

function buildGate({ floorDb, bandsDb }: NoiseProfile, reduction: number): string {
  return `afftdn=nr=${reduction}:nf=${floorDb.toFixed(2)}:nt=c:bn='${bandsDb.map((band) => band.toFixed(2)).join(' ')}'`;
}

async function decodeVoice(spec: PcmSpec, wet: number, tools: Pick<MediaTools, 'run'>, options: PcmOptions): Promise<void> {
  const filters = buildDenoiseFilters({ sampleRate: spec.sampleRate, estimatedSnrDb: null, profile: null });
  const cleaner = await createVoiceCleaner({ channels: spec.channels, wet });
  await decodePcm({ ...spec, filters }, tools, { ...options, onBlock: async (block) => options.onBlock(await cleaner.push(block)) });
  await options.onBlock(await cleaner.end());
}

async function learnProfile(spec: PcmSpec, tools: Pick<MediaTools, 'run'>, options: PcmOptions): Promise<NoiseProfile | null> {
  const meter = createProfileMeter(spec);
  const filters = buildDenoiseFilters({ sampleRate: spec.sampleRate, estimatedSnrDb: null, profile: null });
  await decodePcm({ ...spec, filters }, tools, { cwd: options.cwd, signal: options.signal, onBlock: meter.push });
  return meter.end();
}
