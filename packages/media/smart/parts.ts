import type { MadeSpan, SmartSpan } from '#contracts/render-specs';

/** One stream of a piece: a copied run of the source, or encoded spans between two of them. */
export interface SmartPart {
  how: SmartSpan['how'];
  frames: number;
  /** First frame, of the source for a copy, of the piece's one encode else. */
  startFrame: number;
  /** Of a copy: frames from where decoding may begin last, to the end. */
  tailFrames: number | null;
}

/** Copied runs one by one; encoded spans that follow one another are one part. */
export function toParts(spans: readonly SmartSpan[]): SmartPart[] {
  const parts: SmartPart[] = [];
  let encoded = 0;
  for (const { how, start_frame, end_frame, decode_from } of spans) {
    const frames = end_frame - start_frame;
    const last = parts.at(-1);
    if (how === 'copy') parts.push({ how, frames, startFrame: start_frame, tailFrames: end_frame - decode_from });
    else if (last?.how === 'encode') last.frames += frames;
    else parts.push({ how, frames, startFrame: encoded, tailFrames: null });
    if (how === 'encode') encoded += frames;
  }
  return parts;
}

export function toMadeSpans(spans: readonly Pick<SmartSpan, 'how' | 'start_frame' | 'end_frame'>[]): MadeSpan[] {
  return spans.map(({ how, start_frame, end_frame }) => ({ how, frames: end_frame - start_frame, source_start_frame: start_frame }));
}
