import type { AiUsage } from '#contracts/ai';
import type { Drawing, Part, Question } from './provider.ts';

/** Dollars per million tokens. A picture is paid by the tokens it takes on the way out. */
export interface ModelPrice {
  textIn: number;
  audioIn: number;
  out: number;
}

export type PriceList = Readonly<Record<string, ModelPrice>>;

/**
 * List prices; `CUTROOM_AI_PRICES` corrects and completes them. Read off the vendor's page for the Flash tier and its
 * image model in 2026; a model that is not here cannot be called, because nobody could say what it costs.
 */
export const listPrices: PriceList = {
  'gemini-3.8-flash': { textIn: 0.5, audioIn: 1, out: 3 },
  'gemini-3.7-flash': { textIn: 0.5, audioIn: 1, out: 3 },
  'gemini-3.5-flash-lite': { textIn: 0.25, audioIn: 0.5, out: 1.5 },
  'gemini-3.1-flash-lite': { textIn: 0.25, audioIn: 0.5, out: 1.5 },
  'gemini-3.1-pro-preview': { textIn: 4, audioIn: 4, out: 18 },
  'gemini-3.1-flash-image': { textIn: 0.5, audioIn: 1, out: 60 },
  'gemini-3.1-flash-lite-image': { textIn: 0.25, audioIn: 0.5, out: 30 },
  'gemini-3-pro-image': { textIn: 2, audioIn: 2, out: 120 },
};

/** Dollars of what was used. */
export function toUsd({ textIn, audioIn, out }: ModelPrice, { tokensIn, tokensOut, audioTokensIn = 0 }: AiUsage): number {
  return ((tokensIn - audioTokensIn) * textIn + audioTokensIn * audioIn + tokensOut * out) / 1e6;
}

/** The most a question can cost: no token is shorter than a byte, and the answer is as long as it may be. */
export function estimateQuestion(price: ModelPrice, { system, parts, maxTokensOut }: Question<unknown>): number {
  return toUsd(price, { ...tokensOf(system, parts), tokensOut: maxTokensOut, images: 0 });
}

export function estimateDrawing(price: ModelPrice, { system, parts, count }: Drawing): number {
  return toUsd(price, { ...tokensOf(system, parts), tokensOut: count * imageTokensOut, images: count });
}

/** Measured by the vendor: 32 tokens a second of sound, at most 1,120 a picture, in and (at 1K) out; the rest is room for words around it. */
const audioTokensPerS = 32;
export const imageTokensIn = 1_120;
const imageTokensOut = 1_400;
/** What the request says besides our texts: the schema of the answer. */
const frameTokens = 1_000;

function tokensOf(system: string, parts: readonly Part[]): { tokensIn: number; audioTokensIn: number } {
  const audioTokensIn = sum(parts.map((part) => (part.kind === 'audio' ? Math.ceil(part.seconds * audioTokensPerS) : 0)));
  const texts = sum(parts.map((part) => (part.kind === 'text' ? Buffer.byteLength(part.text) : 0)));
  const images = parts.filter((part) => part.kind === 'image').length * imageTokensIn;
  return { tokensIn: frameTokens + Buffer.byteLength(system) + texts + images + audioTokensIn, audioTokensIn };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
