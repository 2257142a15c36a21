import { setTimeout as delay } from 'node:timers/promises';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import { createGemini } from '#director/gemini';
import { listPrices } from '#director/pricing';
import { rulesDirector } from '#director/rules-director';
import type { CircuitRules } from '#runtime/circuit';
import { createLogger } from '#runtime/log';
import { waitDelayMs } from '#runtime/queue';
import type { RetryRules } from '#runtime/retry';
import { createTelemetry } from '#runtime/telemetry';
import { createStorage } from '#storage/open';
import { createAi } from '../../apps/worker/ai.ts';
import { createAiMeans } from '../../apps/worker/ai-means.ts';
import { createAskModel } from '../../apps/worker/ask-model.ts';
import { createResearchDesk } from '../../apps/worker/research.ts';
import { readOptions, tell } from './crew-member.ts';
import { lectureSentences, makeLecture, toDirectorInput } from './recording.ts';

export interface CallerOptions {
  redisUrl: string;
  storageRoot: string;
  geminiUrl: string;
  name: string;
  guard: { concurrency: number; requestsPerMinute: number; totalMs: number; circuit: CircuitRules; retry: RetryRules };
}

/** What the starter asks for: a job of this wish. */
export interface CallerOrder {
  wish: 'wait' | 'fallback';
}

export interface CallerAnswer extends CallerOrder {
  /** Who decided in the end. */
  by: string;
  degraded: string | null;
}

/** Everything that a worker puts between a stage and Gemini; a job is one question of its own. */
const { redisUrl, storageRoot, geminiUrl, name, guard } = readOptions<CallerOptions>();
const log = createLogger({ level: 'silent', name });
const telemetry = createTelemetry({ processMetrics: false });
const storage = await createStorage(`file:${storageRoot}`, { dir: `${storageRoot}-copies`, maxBytes: 1e6 });
const models = { text: 'gemini-3.8-flash', image: 'gemini-3.1-flash-image' };
const gemini = { apiKey: 'k', baseUrl: geminiUrl, model: models.text, imageModel: models.image };
const config = {
  cacheRedisUrl: null,
  gemini: { ...gemini, prices: {}, guard },
  ai: { tenantDayUsd: 1_000, globalDayUsd: 1_000 },
  ahead: { perMinute: 0, dayUsd: 0 },
};
const means = createAiMeans({ config, redisUrl, worker: name, storage, telemetry, log });
const askModel = createAskModel({ provider: createGemini(gemini), ...means, prices: listPrices, telemetry, aheadDayUsd: 0 });
const research = createResearchDesk({ ...means, telemetry, readWorks: async () => [], service: null });
const openAi = createAi({ models, askModel, research });

/** As the queue would: a job that is told to wait comes back when it was told to. */
async function work({ wish }: CallerOrder): Promise<void> {
  const job = createId('job');
  const { signal } = new AbortController();
  const plan = await rulesDirector.direct(toDirectorInput(makeLecture([...lectureSentences, `This is the bridge ${job}.`])), signal);
  const tally = { calls: 0, tokens_in: 0, tokens_out: 0, usd: 0, cache_hits: 0, degraded: null };
  const settings = {
    ai: { model: models.text, image_model: models.image },
    research: null,
    on_ai_unavailable: wish,
    limits: { timeout_s: 3_600, max_memory_mb: 1_024, budget_usd: 2 },
  };
  const { decide } = openAi({ tenant: 'local', job, settings, footageS: async () => 60, tally, signal, log });
  for (;;) {
    try {
      const { by } = await decide((director) => director.describe({ plan, scenes: [], sourceName: job }, signal));
      return tell({ wish, by, degraded: tally.degraded } satisfies CallerAnswer);
    } catch (error) {
      if (!(error instanceof CutroomError) || error.row.disposition !== 'wait') throw error;
      await delay(waitDelayMs(error));
    }
  }
}

process.on('message', (order) => void work(order as CallerOrder));
tell({ ready: true });
