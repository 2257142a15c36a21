import { setImmediate } from 'node:timers/promises';
import { concatenate, interleave, pickChannel } from './interleave.ts';
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
