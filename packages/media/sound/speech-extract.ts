import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RangeS } from '#contracts/artifacts';
import type { MediaCommand } from '../command.ts';
import type { MediaTools, RunOptions } from '../ffmpeg.ts';
import type { AudioSource } from './analyze-audio.ts';
import { decodePcm } from './pcm.ts';

/** Enough for speech; what listeners downsample to anyway. */
const sampleRate = 16_000;
const rawFile = 'speech.f32';

/**
 * The sound on the edit's clock, decoded once; `read` gives a stretch of it as FLAC, mono, 16 kHz: equal sound, equal
 * bytes. About 1 MB a minute.
 */
export async function extractSpeech(source: AudioSource, tools: Pick<MediaTools, 'run'>, options: Pick<RunOptions, 'cwd' | 'signal'>) {
  const spec = {
    path: source.path,
    facts: source.facts,
    sampleRate,
    channels: 1 as const,
    samples: Math.round(source.durationS * sampleRate),
  };
  const path = join(options.cwd, rawFile);
  {
    await using file = await open(path, 'w');
    const onBlock = async (block: Float32Array) =>
      void (await file.writeFile(new Uint8Array(block.buffer, block.byteOffset, block.byteLength)));
    await decodePcm(spec, tools, { ...options, onBlock });
  }
  return {
    async read({ start_s, end_s }: RangeS): Promise<{ bytes: Uint8Array; contentType: string }> {
      const name = `speech-${Math.round(start_s * 1000)}.flac`;
      await tools.run(buildSpeechCommand({ path, name, startS: start_s, lengthS: end_s - start_s }), options);
      return { bytes: await readFile(join(options.cwd, name)), contentType: 'audio/flac' };
    },
  };
}

export function buildSpeechCommand(from: { path: string; name: string; startS: number; lengthS: number }): MediaCommand {
  const { path, name, startS, lengthS } = from;
  const format = ['-f', 'f32le', '-ar', String(sampleRate), '-ac', '1'];
  const exact = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact'];
  return {
    inputs: [{ path, options: [...format, '-ss', startS.toFixed(6)] }],
    outputs: [{ path: name, options: ['-t', lengthS.toFixed(6), '-c:a', 'flac', '-sample_fmt', 's16', ...exact, '-f', 'flac'] }],
  };
}
