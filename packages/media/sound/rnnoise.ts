import createModule from '@jitsi/rnnoise-wasm/dist/rnnoise-sync.js';

/** The network's own grid: 48 kHz, one channel, frames of 10 ms, samples scaled like 16-bit integers. */
export const rnnoiseFrame = 480;
/** Samples by which its output is late. Measured by cross-correlation on three voices: 959–960. */
export const rnnoiseLag = 960;
const scale = 32_768;

/** One denoiser per channel, each with its own memory of the noise; filters a frame in place. */
export async function createRnnoise(channels: number): Promise<(channel: number, frame: Float32Array) => void> {
  const module = createModule();
  await module.ready;
  const states = Array.from({ length: channels }, () => module._rnnoise_create());
  const address = module._malloc(rnnoiseFrame * Float32Array.BYTES_PER_ELEMENT);
  const first = address / Float32Array.BYTES_PER_ELEMENT;
  return (channel, frame) => {
    const heap = module.HEAPF32.subarray(first, first + rnnoiseFrame);
    for (let index = 0; index < rnnoiseFrame; index++) heap[index] = frame[index]! * scale;
    module._rnnoise_process_frame(states[channel]!, address, address);
    for (let index = 0; index < rnnoiseFrame; index++) frame[index] = heap[index]! / scale;
  };
}
