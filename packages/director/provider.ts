import type { z } from 'zod';
import type { AiUsage } from '#contracts/ai';

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'audio'; bytes: Uint8Array; contentType: string; seconds: number }
  | { kind: 'image'; bytes: Uint8Array; contentType: string };

/** One question with one answer of a known shape. Equal questions may be answered from a cache. */
export interface Question<T> {
  /** Name and version of the prompt, such as `metadata.1`; a changed text is a new version. */
  prompt: string;
  /** Our words alone: what comes from footage or from a caller is data and belongs into `parts`. */
  system: string;
  parts: readonly Part[];
  schema: z.ZodType<T>;
  maxTokensOut: number;
}

/** Pictures of one idea, all of them out of one request. */
export interface Drawing {
  prompt: string;
  system: string;
  parts: readonly Part[];
  aspect: '16:9' | '9:16' | '1:1' | '4:5';
  count: number;
}

/** Bytes that were looked at: a JPEG or PNG of this size, in the aspect that was asked for. */
export interface Picture {
  bytes: Uint8Array;
  contentType: 'image/png' | 'image/jpeg';
  width: number;
  height: number;
}

export interface Answer<T> {
  value: T;
  usage: AiUsage;
}

/**
 * Somebody who answers questions. One try, no retry, no timeout of its own: the caller's signal ends it and closes the
 * connection. Throws ProviderError, classified; the signal's reason when it was aborted.
 */
export interface Provider {
  models: { text: string; image: string };
  ask<T>(question: Question<T>, signal: AbortSignal): Promise<Answer<T>>;
  draw(drawing: Drawing, signal: AbortSignal): Promise<Answer<Picture[]>>;
}
