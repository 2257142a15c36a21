import { type AiUsage, ProviderError } from '#contracts/ai';
import { CutroomError } from '#contracts/errors';
import type { Settings } from '#contracts/settings';
import { type Ask, withRepair } from '#director/ask';
import type { Director } from '#director/director';
import { createGeminiDirector } from '#director/gemini-director';
import { estimateQuestion, type ModelPrice, toUsd } from '#director/pricing';
import type { Answer, Provider } from '#director/provider';
import { rulesDirector } from '#director/rules-director';
import type { NodeAi } from '#engine/types';
import type { Budget } from '#runtime/budget';
import type { Cache } from '#runtime/cache';
import type { Logger } from '#runtime/log';
import type { Guard } from '#runtime/resilience';
import type { Telemetry } from '#runtime/telemetry';

export interface AiParts {
  /** Null without a key. */
  provider: Provider | null;
  guard: Pick<Guard, 'run'>;
  budget: Budget;
  cache: Cache;
  prices: Readonly<Record<string, ModelPrice>>;
  telemetry: Pick<Telemetry, 'ai'>;
}

export interface AiWork {
  settings: Pick<Settings, 'ai' | 'on_ai_unavailable'>;
  /** Gathers what this node spends. */
  tally: NodeAi;
  signal: AbortSignal;
  log: Logger;
}

/** How a stage comes to its decisions. */
export interface NodeDirector {
  /**
   * The work of whoever decides for this job: the model, or the rules when the job is without one, or when the model gives
   * nothing and the job says `fallback`. Throws AI_UNAVAILABLE, AI_FAILED or BUDGET_EXHAUSTED as the job wishes.
   */
  decide<T>(how: (director: Director) => Promise<T>): Promise<T>;
}

export type OpenAi = (work: AiWork) => NodeDirector;

/** A model's answers, guarded, counted and paid for, put together for one node at a time. */
export const createAi =
  (parts: AiParts): OpenAi =>
  (work) => ({
    async decide(how) {
      if (!work.settings.ai) return how(rulesDirector);
      try {
        return await how(openDirector(parts, work, work.settings.ai.model));
      } catch (error) {
        work.signal.throwIfAborted();
        const reason = reasonOf(error);
        if (reason === null) throw error;
        if (work.settings.on_ai_unavailable !== 'fallback') throw toJobFault(error as Error, reason, work.settings.on_ai_unavailable);
        work.log.warn({ err: error }, 'the rules decide instead of the model');
        work.tally.degraded = reason;
        return how(rulesDirector);
      }
    },
  });

function openDirector(parts: AiParts, work: AiWork, model: string): Director {
  const { provider } = parts;
  if (!provider) throw new ProviderError('this worker has no key', { fault: { kind: 'refused' } });
  if (provider.models.text !== model)
    throw new ProviderError(`this worker asks another model than ${model}`, { fault: { kind: 'refused' } });
  const ask: Ask = async (question, signal) => {
    const price = priceOf(parts, model);
    const worstUsd = estimateQuestion(price, question);
    const call = (callSignal: AbortSignal) => count({ parts, work, price, model, worstUsd }, () => provider.ask(question, callSignal));
    return (await parts.guard.run(call, { signal })).value;
  };
  return createGeminiDirector({ model, ask: withRepair(ask) });
}

function priceOf({ prices }: AiParts, model: string): ModelPrice {
  const price = prices[model];
  if (!price) throw new ProviderError(`nobody knows what ${model} costs`, { fault: { kind: 'refused' } });
  return price;
}

interface Counting {
  parts: AiParts;
  work: AiWork;
  price: ModelPrice;
  model: string;
  worstUsd: number;
}

/** One call on the bill, whatever comes of it. Of a call that broke off nobody knows the price: it counts as the dearest. */
async function count<T>({ parts, work, price, model, worstUsd }: Counting, call: () => Promise<Answer<T>>): Promise<Answer<T>> {
  const book = (usage: AiUsage | null, outcome: string) => {
    const usd = usage ? toUsd(price, usage) : worstUsd;
    const { tokensIn = 0, tokensOut = 0 } = usage ?? {};
    const { tally } = work;
    Object.assign(tally, {
      calls: tally.calls + 1,
      tokens_in: tally.tokens_in + tokensIn,
      tokens_out: tally.tokens_out + tokensOut,
      usd: tally.usd + usd,
    });
    parts.telemetry.ai.requests.inc({ model, outcome });
    parts.telemetry.ai.tokens.inc({ model, direction: 'in' }, tokensIn);
    parts.telemetry.ai.tokens.inc({ model, direction: 'out' }, tokensOut);
    parts.telemetry.ai.cost.inc({ model }, usd);
  };
  try {
    const answer = await call();
    book(answer.usage, 'ok');
    return answer;
  } catch (error) {
    if (error instanceof ProviderError) book(error.usage, error.fault.kind);
    else book(null, 'aborted');
    throw error;
  }
}

/** In a word, why there is no answer; null = it is no matter of the model. */
function reasonOf(error: unknown): string | null {
  if (error instanceof ProviderError) return error.fault.kind;
  if (!(error instanceof CutroomError)) return null;
  return { AI_UNAVAILABLE: 'unavailable', BUDGET_EXHAUSTED: 'budget' }[error.code as string] ?? null;
}

const exhaustedRetryS = 900;

function toJobFault(error: Error, reason: string, wish: 'wait' | 'fail'): CutroomError {
  if (reason === 'budget') return error as CutroomError;
  if (wish === 'wait' && error instanceof CutroomError) return error;
  if (wish === 'wait' && reason === 'exhausted') {
    return new CutroomError('AI_UNAVAILABLE', { detail: error.message, retryAfterS: exhaustedRetryS, cause: error });
  }
  return new CutroomError('AI_FAILED', { detail: error.message, cause: error });
}
