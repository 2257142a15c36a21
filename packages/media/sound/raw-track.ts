import { createReadStream } from 'node:fs';
import type { TrackLevels } from './level-meter.ts';
import { createLeveller } from './leveller.ts';
import type { Level } from './loudness.ts';
import { createFloatReader } from './pcm.ts';

/** Raw interleaved f32le, as assembled. */
export interface RawTrack {
  /** Absolute path. */
  path: string;
  sampleRate: number;
  channels: 1 | 2;
  /** Per channel. */
  samples: number;
  levels: TrackLevels;
}

/** About 2 ms of work for the leveller. */
const blockBytes = 128 * 1024;

/** The track's bytes at a level, as fast as they are taken. */
export async function* readLevelled({ path, channels }: RawTrack, level: Level): AsyncGenerator<Uint8Array> {
  const leveller = createLeveller(level, channels);
  const toFloats = createFloatReader(4 * channels);
  for await (const chunk of createReadStream(path, { highWaterMark: blockBytes })) yield toBytes(leveller.push(toFloats(chunk)));
  yield toBytes(leveller.end());
}

/** Pure: the same memory. */
export const toBytes = (samples: Float32Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
