import type { z } from 'zod';
import { type AiUsage, ProviderError } from '#contracts/ai';
import { CutroomError } from '#contracts/errors';
import { type Ask, withRepair } from '#director/ask';
import { estimateDrawing, estimateQuestion, type ModelPrice, toUsd } from '#director/pricing';
import type { Answer, Drawing, Picture, Provider, Question } from '#director/provider';
import { toQuestionKey } from '#director/question-key';
import type { NodeAi } from '#engine/types';
import type { Budget, BudgetRequest } from '#runtime/budget';
import type { Cache, Namespace } from '#runtime/cache';
import type { Guard } from '#runtime/resilience';
import type { Telemetry } from '#runtime/telemetry';
import { toAheadAccount } from './ahead-account.ts';

export interface ModelParts {
  provider: Provider;
  /** One per model: what ails the one need not ail the other. */
  guards: { text: Pick<Guard, 'run'>; image: Pick<Guard, 'run'> };
  budget: Budget;
  cache: Pick<Cache, 'namespace'>;
  prices: Readonly<Record<string, ModelPrice>>;
  telemetry: Pick<Telemetry, 'ai'>;
  /** What questions that nobody has asked yet may cost a tenant in a day, if the cache asks any. */
  aheadDayUsd: number;
}

/** On whose account. */
export interface Account extends Omit<BudgetRequest, 'usd'> {
  /** Gathers what one node spends. */
  tally: NodeAi;
}

/** A question of a node → an answer that is cheap, counted and within the budget. */
export interface AskModel {
  ask(account: Account): Ask;
  draw(account: Account, drawing: Drawing, signal: AbortSignal): Promise<Picture[]>;
}

/** The order in which a question passes: cache, repair, guard (slots, rate, circuit, retries), budget, provider. Each try is paid for by itself. */
export function createAskModel({ provider, guards, budget, cache, prices, telemetry, aheadDayUsd }: ModelParts): AskModel {
  const { models } = provider;
  const responses = createShelves(cache);

  async function pay<T>({ model, worstUsd, account }: Bill, call: () => Promise<Answer<T>>): Promise<T> {
    const reserved = await budget.reserve({ ...account, usd: worstUsd });
    if (reserved.kind === 'exhausted') throw toExhausted(reserved);
    // Of a call that broke off, or an answer without its figures, nobody knows the price: it counts as the dearest.
    const book = async (usage: AiUsage | null, outcome: string) => {
      const usd = usage ? toUsd(priceOf(prices, model), usage) : worstUsd;
      if (usd < worstUsd) await reserved.settle(usd);
      count({ telemetry, tally: account.tally, model, outcome }, usage, usd);
    };
    try {
      const { value, usage } = await call();
      await book(usage.tokensIn > 0 ? usage : null, 'ok');
      return value;
    } catch (error) {
      if (error instanceof ProviderError) await book(error.usage, error.fault.kind);
      else await book(null, 'aborted');
      throw error;
    }
  }

  const askFor = (account: Account): Ask =>
    withRepair((question, signal) => {
      const bill = { model: models.text, worstUsd: estimateQuestion(priceOf(prices, models.text), question), account };
      return guards.text.run((callSignal) => pay(bill, () => provider.ask(question, callSignal)), { signal });
    });

  /** Sound and pictures are too large to be kept for later. */
  const foresee = <T>(question: Question<T>, { tenant, job }: Account) =>
    question.parts.every(({ kind }) => kind === 'text')
      ? { thread: job, compute: (signal: AbortSignal) => askFor(toAheadAccount(tenant, aheadDayUsd))(question, signal) }
      : undefined;

  return {
    ask(account) {
      const asked = askFor(account);
      return async (question, signal) => {
        const key = {
          tenant: account.tenant,
          model: models.text,
          parameters: question.prompt,
          input: toQuestionKey(models.text, question),
        };
        const ahead = foresee(question, account);
        const found = await responses(question).get(key, (own) => asked(question, own), { signal, ahead });
        if (found.from !== 'computed') account.tally.cache_hits++;
        return found.value;
      };
    },

    draw(account, drawing, signal) {
      const bill = { model: models.image, worstUsd: estimateDrawing(priceOf(prices, models.image), drawing), account };
      return guards.image.run((callSignal) => pay(bill, () => provider.draw(drawing, callSignal)), { signal });
    },
  };
}

interface Bill {
  model: string;
  worstUsd: number;
  account: Account;
}

/** One shelf for each prompt: callers that ask the same at the same time wait for one answer. */
function createShelves(cache: Pick<Cache, 'namespace'>) {
  const shelves = new Map<string, Namespace<unknown>>();
  return <T>({ prompt, schema }: Question<T>): Namespace<T> => {
    const shelf = shelves.get(prompt) ?? cache.namespace<unknown>({ name: 'responses', version: 1, schema: schema as z.ZodType<unknown> });
    shelves.set(prompt, shelf);
    return shelf as Namespace<T>;
  };
}

function priceOf(prices: ModelParts['prices'], model: string): ModelPrice {
  const price = prices[model];
  if (!price) throw new ProviderError(`nobody knows what ${model} costs`, { fault: { kind: 'refused' } });
  return price;
}

interface Counters {
  telemetry: Pick<Telemetry, 'ai'>;
  tally: NodeAi;
  model: string;
  outcome: string;
}

function count({ telemetry: { ai }, tally, model, outcome }: Counters, usage: AiUsage | null, usd: number): void {
  const { tokensIn = 0, tokensOut = 0 } = usage ?? {};
  tally.calls += 1;
  tally.tokens_in += tokensIn;
  tally.tokens_out += tokensOut;
  tally.usd += usd;
  ai.requests.inc({ model, outcome });
  ai.tokens.inc({ model, direction: 'in' }, tokensIn);
  ai.tokens.inc({ model, direction: 'out' }, tokensOut);
  ai.cost.inc({ model }, usd);
}

const toExhausted = ({ scope, resetsAt }: { scope: string; resetsAt: string | null }) =>
  new CutroomError('BUDGET_EXHAUSTED', `The AI budget of the ${scope} is spent${resetsAt ? ` until ${resetsAt}` : ''}.`);
