import type { Settings } from '#contracts/settings';
import { countWindows } from './ask-insights.ts';
import { countChunks } from './audio-chunks.ts';
import { listPrices, type PriceList, toUsd } from './pricing.ts';

export interface Asks {
  calls: number;
  usd: number;
}

export interface AskedFootage {
  durationS: number;
  hasSound: boolean;
}

/**
 * What the model director asks for so long a recording of talk, without pictures, repairs and retries: calls are exact
 * when somebody speaks throughout, dollars are for 150 words a minute. Nothing without a model, or for one without a price.
 */
export function estimateAsks(settings: Settings, { durationS, hasSound }: AskedFootage, prices: PriceList = listPrices): Asks {
  const price = settings.ai && prices[settings.ai.model];
  const hears = settings.transcript === null && hasSound && settings.content_type !== 'music';
  if (!price || !(hears || settings.transcript)) return { calls: 0, usd: 0 };
  const textTokens = durationS * textTokensPerS;
  const windows = settings.mode === 'fast' ? 0 : countWindows(durationS, settings.mode);
  const kinds = [
    { calls: hears ? countChunks(durationS) : 0, tokensIn: durationS * audioTokensPerS, audio: true, out: durationS * writtenTokensPerS },
    { calls: windows, tokensIn: textTokens, audio: false, out: settings.clips ? windows * clipTokens : 0 },
    { calls: closerLooks(settings, durationS), tokensIn: textTokens, audio: false, out: 0 },
    { calls: settings.mode === 'high_quality' && settings.thumbnails !== null ? 1 : 0, tokensIn: 0, audio: false, out: 0 },
    { calls: settings.metadata ? 1 : 0, tokensIn: textTokens, audio: false, out: 0 },
  ].filter(({ calls }) => calls > 0);
  const usd = kinds.map(({ calls, tokensIn, audio, out }) =>
    toUsd(price, {
      tokensIn: tokensIn + calls * promptTokens,
      tokensOut: out + calls * answerTokens,
      images: 0,
      audioTokensIn: audio ? tokensIn : 0,
    }),
  );
  return { calls: sum(kinds.map(({ calls }) => calls)), usd: Math.round(sum(usd) * 1e4) / 1e4 };
}

const closerLooks = ({ mode, fillers }: Settings, durationS: number) =>
  mode === 'high_quality' && fillers !== null ? countWindows(durationS, mode) : 0;

const audioTokensPerS = 32;
/** 2.5 words a second: read as text, and written as JSON with two times each. */
const textTokensPerS = 3.5;
const writtenTokensPerS = 45;
const promptTokens = 500;
const answerTokens = 300;
/** Eight proposals. */
const clipTokens = 400;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
