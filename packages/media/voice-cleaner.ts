import { setImmediate } from 'node:timers/promises';
import { createRnnoise, rnnoiseFrame, rnnoiseLag } from './rnnoise.ts';

/** A stream of interleaved 48 kHz samples in, the same length without delay out. */
export interface VoiceCleaner {
  push(block: Float32Array): Promise<Float32Array>;
  end(): Promise<Float32Array>;
}

/** Frames between two turns of the event loop: 20 take about 7 ms per channel. */
const slice = 20;

/** Mixes `wet` parts of RNNoise with `1 − wet` parts of the original, both at the same moment. */
export async function createVoiceCleaner({ channels, wet }: { channels: number; wet: number }): Promise<VoiceCleaner> {
  const denoise = await createRnnoise(channels);
  const lanes = Array.from({ length: channels }, (_, channel) => createLane((frame) => denoise(channel, frame), wet));
  let taken = 0;
  let given = 0;
  const push = async (block: Float32Array) => {
    const length = block.length / channels;
    const cleaned: Float32Array[] = [];
    const step = slice * rnnoiseFrame;
    for (let start = 0; start < length; start += step) {
      const part = block.subarray(start * channels, (start + step) * channels);
      cleaned.push(interleave(lanes.map((lane, channel) => lane(pickChannel(part, channel, channels)))));
      await setImmediate();
    }
    taken += length;
    const joined = concatenate(cleaned);
    given += joined.length / channels;
    return joined;
  };
  return {
    push,
    async end() {
      const length = taken;
      const missing = length - given;
      const tail = await push(new Float32Array((missing + rnnoiseLag + rnnoiseFrame) * channels));
      return tail.subarray(0, missing * channels);
    },
  };
}

/** One channel: whole frames through the network, the dry signal held back until the wet one has caught up. */
function createLane(denoise: (frame: Float32Array) => void, wet: number): (samples: Float32Array) => Float32Array {
  let waiting = new Float32Array(0);
  let dry = new Float32Array(0);
  let late = rnnoiseLag;
  return (samples) => {
    waiting = concatenate([waiting, samples]);
    dry = concatenate([dry, samples]);
    const whole = waiting.length - (waiting.length % rnnoiseFrame);
    const cleaned = waiting.slice(0, whole);
    waiting = waiting.slice(whole);
    for (let start = 0; start < whole; start += rnnoiseFrame) denoise(cleaned.subarray(start, start + rnnoiseFrame));
    const skipped = Math.min(late, whole);
    late -= skipped;
    const mixed = cleaned.subarray(skipped).map((value, index) => wet * value + (1 - wet) * dry[index]!);
    dry = dry.slice(mixed.length);
    return mixed;
  };
}

const pickChannel = (block: Float32Array, channel: number, channels: number) =>
  Float32Array.from({ length: block.length / channels }, (_, index) => block[index * channels + channel]!);

function interleave(channels: Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0]!;
  const mixed = new Float32Array(channels.length * channels[0]!.length);
  for (const [channel, samples] of channels.entries())
    for (let index = 0; index < samples.length; index++) mixed[index * channels.length + channel] = samples[index]!;
  return mixed;
}

function concatenate(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
