import { readFile } from 'node:fs/promises';
import type { Blob } from '#contracts/footage';
import { chooseDenoise } from '#director/denoise-choice';
import { reframePlan } from '#media/reframe/plan';
import type { Stage } from '../stage.ts';

/** The only place where decisions are made; everything after it reads the plan and nothing else. */
export const runDirect: Stage<'direct'> = async (input, tools) => {
  const { settings, asset, source, audio_signals, video_signals, transcript, insights, sights, subjects, beats } = input;
  const envelope = audio_signals.envelope && (await readEnvelope(audio_signals.envelope, tools));
  const denoise = settings.enhance ? chooseDenoise(audio_signals.noise) : noDenoise;
  const known = {
    asset,
    source,
    audio: audio_signals,
    envelope,
    video: video_signals,
    transcript,
    insights,
    sights,
    beats,
    settings,
    denoise,
  };
  const plan = await tools.decide((director) => director.direct(known, tools.signal));
  if (!subjects) return plan;
  const clipAspect = settings.clips?.aspect ?? 'source';
  return reframePlan(plan, { video: source.video, scenes: video_signals.scenes, subjects, aspect: settings.aspect, clipAspect });
};

const noDenoise = { method: 'none', wet: 0, estimated_snr_db: null } as const;

/** Little-endian int16; copied, because a Buffer's place in its pool need not be even. */
export async function readEnvelope(blob: Blob, { open }: Pick<Parameters<Stage<'direct'>>[1], 'open'>): Promise<Int16Array> {
  const bytes = await readFile(await open(blob));
  return new Int16Array(new Uint8Array(bytes).buffer);
}
