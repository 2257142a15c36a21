import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import type { Settings } from '#contracts/settings';
import { createGemini } from '#director/gemini';
import { listPrices } from '#director/pricing';
import { rulesDirector } from '#director/rules-director';
import { toThumbnailDrawing } from '#director/thumbnail-drawing';
import type { Budget } from '#runtime/budget';
import { createCache } from '#runtime/cache';
import { circuitRules } from '#runtime/circuit';
import { createLogger } from '#runtime/log';
import { createGuard } from '#runtime/resilience';
import { retryRules } from '#runtime/retry';
import { createTelemetry } from '#runtime/telemetry';
import { createAi } from '../../apps/worker/ai.ts';
import { createAskModel } from '../../apps/worker/ask-model.ts';
import { createResearchDesk } from '../../apps/worker/research.ts';
import type { StageInput, StageTools } from '../../apps/worker/stage.ts';
import { runDirect } from '../../apps/worker/stages/direct.ts';
import { runMetadata } from '../../apps/worker/stages/metadata.ts';
import { runUnderstand } from '../../apps/worker/stages/understand.ts';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import type { Behaviour } from '../helpers/fake-gemini-behaviour.ts';
import { makeLecture, toDirectorInput, toSound } from '../helpers/recording.ts';
import { until } from '../helpers/until.ts';

const wishes = ['fallback', 'wait', 'fail'] as const;
type Wish = (typeof wishes)[number];

const lecture = makeLecture();
const words = lecture.words.map(([text, start_s, end_s]) => ({ text, start_s, end_s }));
const models = { text: 'gemini-3.8-flash', image: 'gemini-3.1-flash-image' };
const input = toDirectorInput(lecture, { mode: 'high_quality', thumbnails: { count: 3 } });
let scratch: string;
let plan: Awaited<ReturnType<typeof rulesDirector.direct>>;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'cutroom-faults-'));
  plan = await rulesDirector.direct(input, new AbortController().signal);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Every stage that asks a model. */
const stages = {
  transcribe: async ({ decide, signal }) => decide((director) => director.transcribe(toSound(lecture), signal)),
  understand: (tools) =>
    runUnderstand({ settings: { mode: 'high_quality' }, transcript: input.transcript } as StageInput<'understand'>, tools),
  direct: (tools) => {
    const { settings, asset, source, audio, video, transcript } = input;
    const read = { settings: { ...settings, enhance: false, aspect: 'source' }, asset, source, transcript };
    return runDirect({ ...read, audio_signals: audio, video_signals: video } as unknown as StageInput<'direct'>, tools);
  },
  metadata: (tools) => {
    const read = { settings: { source_name: 'talk' }, plan, video_signals: { scenes: [], candidates: [] } };
    return runMetadata(read as unknown as StageInput<'metadata'>, tools);
  },
  thumbnails: ({ draw }) => draw(toThumbnailDrawing([{ headline: 'Bridges', jpeg: Buffer.from('frame') }], { width: 1_344, height: 768 })),
} satisfies Record<string, (tools: StageTools) => Promise<unknown>>;
type StageName = keyof typeof stages;
const names = Object.keys(stages) as StageName[];

/** How a stage ended: who decided, or with which error; and what it noted. */
interface Told {
  by: 'model' | 'rules' | CutroomError['code'];
  retryAfterS?: number | undefined;
  degraded: string | null;
  calls: number;
}

interface Scene {
  stage: StageName;
  wish: Wish;
  /** What the first calls meet, then all others. */
  script?: readonly Behaviour[];
  always?: Behaviour | null;
  budget?: Budget;
}

const rich: Budget = {
  reserve: async () => ({ kind: 'granted', settle: async () => undefined, cancel: async () => undefined }),
};
const poor: Budget = { reserve: async () => ({ kind: 'exhausted', scope: 'job', resetsAt: null }) };

/** One stage of one job, against a provider of its own. */
async function play({ stage, wish, script = [], always = null, budget = rich }: Scene): Promise<Told> {
  const fake = await startFakeGemini({ words });
  fake.become(always);
  fake.script(...script);
  const tally = { calls: 0, tokens_in: 0, tokens_out: 0, usd: 0, cache_hits: 0, degraded: null as string | null };
  const { tools, decided, close } = openTools({
    fake,
    wish,
    tally,
    budget,
    totalMs: always && isSilent(always) ? 150 : script.some(isSilent) ? 3_000 : 20_000,
  });
  try {
    await stages[stage](tools);
    return { by: decided(), degraded: tally.degraded, calls: fake.calls.length };
  } catch (error) {
    if (!(error instanceof CutroomError)) throw error;
    return { by: error.code, retryAfterS: error.details.retryAfterS, degraded: tally.degraded, calls: fake.calls.length };
  } finally {
    await until(() => fake.open === 0); // no call outlives its stage
    close();
    await fake.close();
  }
}

const isSilent = ({ kind }: Behaviour) => kind === 'hang' || kind === 'drip';

interface ToolsParts {
  fake: FakeGemini;
  wish: Wish;
  tally: Parameters<ReturnType<typeof createAi>>[0]['tally'];
  budget: Budget;
  /** Of one try: short where all are to run out of it, long where a busy machine must not. */
  totalMs: number;
}

function openTools({ fake, wish, tally, budget, totalMs }: ToolsParts) {
  const telemetry = createTelemetry({ processMetrics: false });
  const log = createLogger({ level: 'silent', name: 'faults' });
  const cache = createCache({ remote: null, telemetry, maxBytes: 1e6, maxValueBytes: 1e5 });
  const guardOf = (name: string) =>
    createGuard({
      name,
      redis: null,
      concurrency: 4,
      requestsPerMinute: 1_000,
      telemetry,
      totalMs,
      circuit: { ...circuitRules, failures: 20 }, // the circuit is the matter of another test
      retry: { ...retryRules, minMs: 1, maxMs: 2, blindMs: 1 },
    });
  const guards = { text: guardOf(models.text), image: guardOf(models.image) };
  const provider = createGemini({ apiKey: 'k', baseUrl: fake.url, model: models.text, imageModel: models.image });
  const askModel = createAskModel({ provider, guards, budget, cache, prices: listPrices, telemetry, aheadDayUsd: 0 });
  const research = createResearchDesk({ cache, telemetry, readWorks: async () => [], service: null });
  const { signal } = new AbortController();
  const settings = {
    ai: { model: models.text, image_model: models.image },
    research: null,
    on_ai_unavailable: wish,
    limits: { budget_usd: 2 },
  } as unknown as Settings;
  const director = createAi({ models, askModel, research })({
    tenant: 'local',
    job: createId('job'),
    settings,
    footageS: async () => 60,
    tally,
    signal,
    log,
  });
  let by: Told['by'] = 'rules';
  const tools: Partial<StageTools> = {
    async decide(how) {
      const made = await director.decide(how);
      const { by: name, origin } = made as { by?: string; origin?: string };
      if ((name ?? origin) === `gemini:${models.text}` || origin === 'model') by = 'model';
      return made;
    },
    async draw(drawing) {
      const pictures = await director.draw(drawing);
      if (pictures) by = 'model';
      return pictures;
    },
    signal,
    log,
    scratch,
    store: async (path, content_type) => ({ key: path, bytes: 1, sha256: '', content_type }),
  };
  return {
    tools: tools as StageTools,
    decided: () => by,
    close() {
      guards.text.close();
      guards.image.close();
      cache.close();
    },
  };
}

/** All stages under all wishes at once, as `stage wish`. */
async function playAll(scene: Pick<Scene, 'script' | 'always' | 'budget'>, among: readonly StageName[] = names): Promise<[string, Told][]> {
  const cells = among.flatMap((stage) => wishes.map((wish) => ({ stage, wish })));
  return Promise.all(cells.map(async (cell) => [`${cell.stage} ${cell.wish}`, await play({ ...cell, ...scene })] as [string, Told]));
}

/** What each wish must lead to; under `fallback` the rules decide and the reason is noted, else nothing is degraded. */
interface Prospect {
  reason: string;
  wait: CutroomError['code'];
  fail: CutroomError['code'];
}
const away: Prospect = { reason: 'unavailable', wait: 'AI_UNAVAILABLE', fail: 'AI_FAILED' };
const hopeless = (reason: string): Prospect => ({ reason, wait: 'AI_FAILED', fail: 'AI_FAILED' });

function expectAll(told: readonly [string, Told][], { reason, wait, fail }: Prospect): void {
  const wanted = { fallback: { by: 'rules', degraded: reason }, wait: { by: wait, degraded: null }, fail: { by: fail, degraded: null } };
  const seen = told.map(([cell, { by, degraded }]) => [cell, { by, degraded }]);
  expect(seen).toEqual(told.map(([cell]) => [cell, wanted[cell.split(' ')[1] as Wish]]));
}

describe('every stage that asks, under every wish', () => {
  it('is the model’s when it answers', async () => {
    for (const [cell, told] of await playAll({}))
      expect([cell, told]).toEqual([cell, { by: 'model', degraded: null, calls: expect.any(Number) }]);
  });

  it.each<[string, Behaviour, Prospect]>([
    ['too many requests, in a while', { kind: 'too_fast', retryDelay: '120s' }, away],
    ['too many requests, no word when', { kind: 'too_fast', retryDelay: null }, away],
    ['the day is spent', { kind: 'day_spent' }, { reason: 'exhausted', wait: 'AI_UNAVAILABLE', fail: 'AI_FAILED' }],
    ['there is no quota', { kind: 'no_quota' }, hopeless('refused')],
    ['500', { kind: 'status', status: 500 }, away],
    ['503', { kind: 'status', status: 503 }, away],
    ['400', { kind: 'status', status: 400 }, hopeless('refused')],
    ['403', { kind: 'status', status: 403 }, hopeless('refused')],
    ['hangs', { kind: 'hang' }, away],
    ['drips', { kind: 'drip' }, away],
    ['resets', { kind: 'reset' }, away],
    ['ends inside its body', { kind: 'cut_body' }, away],
    ['answers a page', { kind: 'garbage' }, away],
    ['blocks the question', { kind: 'blocked' }, hopeless('refused')],
    ['breaks off its JSON', { kind: 'half_json' }, hopeless('unusable')],
    ['runs out of tokens', { kind: 'max_tokens' }, hopeless('unusable')],
    ['says something else', { kind: 'say', value: 5 }, hopeless('unusable')],
  ])('a provider that for ever: %s', async (_, always, prospect) => {
    expectAll(await playAll({ always }), prospect);
  });

  it('a picture that is none is no picture', async () => {
    expectAll(await playAll({ always: { kind: 'bad_image' } }, ['thumbnails']), hopeless('unusable'));
  });

  it.each<[string, Behaviour]>([
    ['too many requests, soon', { kind: 'too_fast', retryDelay: '0.02s' }],
    ['503', { kind: 'status', status: 503 }],
    ['hangs', { kind: 'hang' }],
    ['resets', { kind: 'reset' }],
  ])('a provider that once: %s, is asked again and nothing is lost', async (_, fault) => {
    for (const [cell, { by, degraded, calls }] of await playAll({ script: [fault] })) {
      expect([cell, by, degraded]).toEqual([cell, 'model', null]);
      expect(calls).toBeGreaterThan(1);
    }
  });

  it('an answer of the wrong shape is sent back once', async () => {
    const written = names.filter((name) => name !== 'thumbnails');
    for (const [cell, { by, degraded }] of await playAll({ script: [{ kind: 'half_json' }] }, written))
      expect([cell, by, degraded]).toEqual([cell, 'model', null]);
  });

  it('a job without money asks nothing and says so', async () => {
    const told = await playAll({ budget: poor });
    expectAll(told, { reason: 'budget', wait: 'BUDGET_EXHAUSTED', fail: 'BUDGET_EXHAUSTED' });
    expect(told.map(([, { calls }]) => calls)).toEqual(told.map(() => 0));
  });

  it('who waits comes back when the provider says, not before', async () => {
    const waits = async (always: Behaviour) => (await play({ stage: 'metadata', wish: 'wait', always })).retryAfterS;
    expect(await waits({ kind: 'too_fast', retryDelay: '120s' })).toBe(120);
    expect(await waits({ kind: 'day_spent' })).toBe(35_640);
  });
});
