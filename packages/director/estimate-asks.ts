import type { Settings } from '#contracts/settings';
import { countWindows } from './ask-insights.ts';
import { countChunks } from './audio-chunks.ts';
import { countFrames } from './look-frames.ts';
import { estimateDrawing, imageTokensIn, listPrices, type PriceList, toUsd } from './pricing.ts';
import { toThumbnailDrawing } from './thumbnail-drawing.ts';

export interface Asks {
  calls: number;
  usd: number;
}

export interface AskedFootage {
  durationS: number;
  hasSound: boolean;
}

/**
 * What the model director asks for so long a recording, without repairs and retries: calls are exact when somebody speaks
 * throughout or there is no speech at all, and a thumbnail is worth drawing; dollars are for 150 words a minute and for
 * drawing all of them. Nothing without a model, or for one without a price.
 */
export function estimateAsks(settings: Settings, footage: AskedFootage, prices: PriceList = listPrices): Asks {
  const [words, pictures] = [estimateWords(settings, footage, prices), estimatePictures(settings, prices)];
  return { calls: words.calls + pictures.calls, usd: Math.round((words.usd + pictures.usd) * 1e4) / 1e4 };
}

/** One question for all of them. */
function estimatePictures({ ai, thumbnails, mode }: Settings, prices: PriceList): Asks {
  const price = ai && prices[ai.image_model];
  if (!price || !thumbnails || mode === 'fast') return { calls: 0, usd: 0 };
  const pictures = Array.from({ length: thumbnails.count }, () => noPicture);
  return { calls: 1, usd: estimateDrawing(price, toThumbnailDrawing(pictures, wide)) };
}

const noPicture = { headline: '', jpeg: new Uint8Array() };
const wide = { width: 16, height: 9 };

function estimateWords(settings: Settings, { durationS, hasSound }: AskedFootage, prices: PriceList): Asks {
  const price = settings.ai && prices[settings.ai.model];
  const hears = settings.transcript === null && hasSound && settings.content_type !== 'music';
  if (!price) return { calls: 0, usd: 0 };
  const kinds = hears || settings.transcript ? listenings(settings, durationS, hears) : lookings(settings, durationS);
  const usd = kinds.map(({ calls, tokensIn, audio = false, out = 0 }) =>
    toUsd(price, {
      tokensIn: tokensIn + calls * promptTokens,
      tokensOut: out + calls * answerTokens,
      images: 0,
      audioTokensIn: audio ? tokensIn : 0,
    }),
  );
  return { calls: sum(kinds.map(({ calls }) => calls)), usd: sum(usd) };
}

interface Kind {
  calls: number;
  tokensIn: number;
  audio?: boolean;
  out?: number;
}

function listenings(settings: Settings, durationS: number, hears: boolean): Kind[] {
  const textTokens = durationS * textTokensPerS;
  const windows = settings.mode === 'fast' ? 0 : countWindows(durationS, settings.mode);
  return [
    { calls: hears ? countChunks(durationS) : 0, tokensIn: durationS * audioTokensPerS, audio: true, out: durationS * writtenTokensPerS },
    { calls: windows, tokensIn: textTokens, out: settings.clips ? windows * clipTokens : 0 },
    { calls: closerLooks(settings, durationS), tokensIn: textTokens },
    { calls: asksHeadlines(settings) ? 1 : 0, tokensIn: 0 },
    { calls: settings.metadata ? 1 : 0, tokensIn: textTokens },
  ].filter(({ calls }) => calls > 0);
}

/** Where nobody speaks a few frames are looked at, once. */
function lookings(settings: Settings, durationS: number): Kind[] {
  if (settings.mode === 'fast' || !(settings.metadata || settings.thumbnails !== null)) return [];
  const look = { calls: 1, tokensIn: countFrames(durationS) * imageTokensIn };
  return asksHeadlines(settings) ? [look, { calls: 1, tokensIn: 0 }] : [look];
}

const asksHeadlines = ({ mode, thumbnails }: Settings) => mode === 'high_quality' && thumbnails !== null;
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
