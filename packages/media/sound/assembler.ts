import type { Span } from './spans.ts';

/** Takes the source in order and returns what is final of the output; silence stands in for material that does not exist. */
export interface Assembler {
  push(block: Float32Array): Float32Array;
  /** The rest, so that the whole has its exact length. */
  end(): Float32Array;
}

/** Joins spans as their source streams by, with equal-power crossfades; holds no more than one block and one fade. */
export function createAssembler({ spans, samples, channels }: { spans: readonly Span[]; samples: number; channels: number }): Assembler {
  let pending = new Float32Array(0);
  let written = 0;
  let read = 0;
  let first = 0;
  const push = (block: Float32Array) => {
    const end = read + block.length / channels;
    for (let index = first; index < spans.length && spans[index]!.sourceStart < end; index++) {
      const span = spans[index]!;
      const from = Math.max(span.sourceStart, read);
      const to = Math.min(span.sourceStart + span.length, end);
      pending = grow(pending, (to + span.outputStart - span.sourceStart - written) * channels);
      addFaded({ block, blockStart: read, pending, pendingStart: written, span, from, to, channels });
    }
    read = end;
    while (first < spans.length && endOf(spans[first]!) <= read) first++;
    const until = finalUntil(spans, first, read) ?? samples;
    const final = pending.slice(0, (until - written) * channels);
    pending = pending.slice(final.length);
    written = until;
    return final;
  };
  return { push, end: () => push(new Float32Array(Math.max(0, endOf(spans.at(-1)!) - read) * channels)) };
}

interface Mix {
  block: Float32Array;
  blockStart: number;
  pending: Float32Array;
  pendingStart: number;
  span: Span;
  from: number;
  to: number;
  channels: number;
}

function addFaded({ block, blockStart, pending, pendingStart, span, from, to, channels }: Mix): void {
  const shift = span.outputStart - span.sourceStart - pendingStart;
  for (let position = from; position < to; position++) {
    const gain = gainAt(span, position - span.sourceStart);
    const source = (position - blockStart) * channels;
    const target = (position + shift) * channels;
    for (let channel = 0; channel < channels; channel++) pending[target + channel]! += gain * block[source + channel]!;
  }
}

/** Equal power: sin and cos of π/2·t, sampled in the middle of each step so that both sides mirror each other. */
function gainAt({ length, fadeIn, fadeOut }: Span, offset: number): number {
  if (offset < fadeIn) return Math.sin((Math.PI / 2) * ((offset + 0.5) / fadeIn));
  const left = length - offset;
  return left <= fadeOut ? Math.sin((Math.PI / 2) * ((left - 0.5) / fadeOut)) : 1;
}

/** Output before this can no longer change; null when no span is left. */
function finalUntil(spans: readonly Span[], first: number, read: number): number | null {
  const span = spans[first];
  if (span === undefined) return null;
  const reached = span.outputStart + Math.max(0, read - span.sourceStart);
  return Math.min(reached, spans[first + 1]?.outputStart ?? reached);
}

function grow(samples: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  if (length <= samples.length) return samples;
  const larger = new Float32Array(length);
  larger.set(samples);
  return larger;
}

const endOf = (span: Span) => span.sourceStart + span.length;
