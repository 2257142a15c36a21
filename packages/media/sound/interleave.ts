/** Pure: one channel of interleaved samples. */
export function pickChannel(block: Float32Array, channel: number, channels: number): Float32Array {
  const picked = new Float32Array(block.length / channels);
  for (let index = 0; index < picked.length; index++) picked[index] = block[index * channels + channel]!;
  return picked;
}

/** Pure: the inverse, for channels of equal length. */
export function interleave(channels: readonly Float32Array[]): Float32Array {
  const mixed = new Float32Array(channels.length * channels[0]!.length);
  for (const [channel, samples] of channels.entries())
    for (let index = 0; index < samples.length; index++) mixed[index * channels.length + channel] = samples[index]!;
  return mixed;
}

/** Pure: blocks one after another. */
export function concatenate(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
