import { ProviderError } from '#contracts/ai';
import { CutroomError } from '#contracts/errors';
import { ownCorpus, type Research } from '#contracts/research';
import type { Settings } from '#contracts/settings';
import type { Director } from '#director/director';
import { createGeminiDirector } from '#director/gemini-director';
import { toJobBudgetUsd } from '#director/job-budget';
import type { Drawing, Picture } from '#director/provider';
import type { ResearchQuestion } from '#director/research';
import { rulesDirector } from '#director/rules-director';
import type { NodeAi } from '#engine/types';
import type { Logger } from '#runtime/log';
import type { Account, AskModel } from './ask-model.ts';
import type { ResearchDesk } from './research.ts';

export interface AiParts {
  /** What this worker asks; without a key it asks nothing. */
  models: { text: string; image: string };
  askModel: AskModel | null;
  research: ResearchDesk;
}

export interface AiWork {
  tenant: string;
  job: string;
  /** Length of what the job was given; asked for when nobody named a budget. */
  footageS: () => Promise<number>;
  settings: Pick<Settings, 'ai' | 'research' | 'on_ai_unavailable' | 'limits'>;
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
  /** Pictures by the image model; null when the job is without one. Throws as `decide` does, null again under `fallback`. */
  draw(drawing: Drawing): Promise<Picture[] | null>;
  /** What is looked for and what is there already. A service that is away is a model that is away: under `fallback` the corpus answers. */
  research(question: ResearchQuestion): Promise<Research>;
}

export type OpenAi = (work: AiWork) => NodeDirector;

/** Who decides for one node at a time. */
export const createAi =
  (parts: AiParts): OpenAi =>
  (work) => {
    const { ai } = work.settings;
    return {
      async decide(how) {
        if (!ai) return how(rulesDirector);
        const ask = async () => {
          const model = need(parts, 'text', ai.model);
          return how(createGeminiDirector({ model: ai.model, ask: model.ask(await toAccount(work)) }));
        };
        return orElse(work, ask, () => how(rulesDirector));
      },
      async draw(drawing) {
        if (!ai) return null;
        const draw = async () => need(parts, 'image', ai.image_model).draw(await toAccount(work), drawing, work.signal);
        return orElse<Picture[] | null>(work, draw, async () => null);
      },
      research(question) {
        const { tenant, signal, settings } = work;
        const own = () => parts.research.askCorpus(tenant, question, signal);
        if (settings.research === ownCorpus) return own();
        return orElse(work, async () => needService(parts, settings.research).askService(tenant, question, signal), own);
      },
    };
  };

async function toAccount({ tenant, job, settings, footageS, tally }: AiWork): Promise<Account> {
  return { tenant, job, tally, jobBudgetUsd: settings.limits.budget_usd ?? toJobBudgetUsd(await footageS()) };
}

/** The model that the job was accepted with, and no other one: its name is in the key of what it answers. */
function need({ models, askModel }: AiParts, kind: 'text' | 'image', model: string): AskModel {
  if (!askModel) throw new ProviderError('this worker has no key', { fault: { kind: 'refused' } });
  if (models[kind] !== model) throw new ProviderError(`this worker asks ${models[kind]}, not ${model}`, { fault: { kind: 'refused' } });
  return askModel;
}

function needService({ research }: AiParts, name: string | null): ResearchDesk {
  if (research.service === name) return research;
  throw new ProviderError(`this worker does not ask ${name} but ${research.service}`, { fault: { kind: 'refused' } });
}

async function orElse<T>({ settings, tally, signal, log }: AiWork, ask: () => Promise<T>, fallback: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    const reason = reasonOf(error);
    if (reason === null) throw error;
    if (settings.on_ai_unavailable !== 'fallback') throw toJobFault(error as Error, reason, settings.on_ai_unavailable);
    log.warn({ err: error }, 'the rules decide instead of the model');
    tally.degraded = reason;
    return fallback();
  }
}

/** In a word, why there is no answer; null = it is no matter of the model. */
function reasonOf(error: unknown): string | null {
  if (error instanceof ProviderError) return error.fault.kind;
  if (!(error instanceof CutroomError)) return null;
  return { AI_UNAVAILABLE: 'unavailable', BUDGET_EXHAUSTED: 'budget' }[error.code as string] ?? null;
}

/** Of a quota that does not say when it is there again. */
const exhaustedRetryMs = 900_000;

function toJobFault(error: Error, reason: string, wish: 'wait' | 'fail'): CutroomError {
  if (reason === 'budget') return error as CutroomError;
  if (wish === 'wait' && error instanceof CutroomError) return error;
  if (wish === 'wait' && error instanceof ProviderError && error.fault.kind === 'exhausted') {
    const retryAfterS = Math.ceil((error.fault.retryAfterMs ?? exhaustedRetryMs) / 1_000);
    return new CutroomError('AI_UNAVAILABLE', { detail: error.message, retryAfterS, cause: error });
  }
  return new CutroomError('AI_FAILED', { detail: error.message, cause: error });
}
