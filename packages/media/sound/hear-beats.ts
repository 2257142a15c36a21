import type { Beats } from '#contracts/artifacts';
import type { Facts } from '#contracts/footage';
import type { MediaTools } from '../ffmpeg.ts';
import { beatRate, noBeats } from './beats.ts';
import { findBeatsAside } from './beats-aside.ts';
import { decodePcm } from './pcm.ts';

/** A quarter of an hour is 160 MB of samples; beats after it stay unknown. */
const longestS = 900;

/** The beats of a file's sound, in seconds after its first picture. */
export async function hearBeats(
  source: { path: string; facts: Pick<Facts, 'container' | 'audio' | 'video'>; durationS: number },
  tools: Pick<MediaTools, 'run'>,
  options: { cwd: string; signal: AbortSignal },
): Promise<Beats> {
  if (source.facts.audio === null) return noBeats;
  const samples = new Float32Array(Math.round(Math.min(longestS, source.durationS) * beatRate));
  let given = 0;
  const onBlock = (block: Float32Array) => {
    samples.set(block, given);
    given += block.length;
  };
  const spec = { path: source.path, facts: source.facts, sampleRate: beatRate, channels: 1 as const, samples: samples.length };
  await decodePcm(spec, tools, { ...options, onBlock });
  return findBeatsAside(samples, options.signal);
}
