import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import type { Settings } from '#contracts/settings';
import { createEngine } from '#engine/create';
import type { NodeTask } from '#engine/flow';
import type { StageSpec } from '#engine/graph';
import { toNodeId } from '#engine/next';
import type { NodeRecord, NodeStats, Outcome } from '#engine/types';
import { createLogger } from '#runtime/log';
import { createProducer, createWorker } from '#runtime/queue';
import { closeRedis, createRedis, waitForRedis } from '#runtime/redis';
import { createMemoryStorage } from '#storage/memory';

const spec = (pool: string, makes: string, reads: string[], extra: Partial<StageSpec<Settings>> = {}): StageSpec<Settings> => ({
  pool,
  version: 1,
  makes,
  reads,
  uses: () => null,
  weight: 1,
  ...extra,
});

/** A small film: a list of scenes, one node for each, a cut of all of them, a poster beside it. */
export const toyPipeline: Record<string, StageSpec<Settings>> = {
  script: spec('prepare', 'toy_script', []),
  scene: spec('render', 'toy_scene', ['toy_script'], {
    fanOut: { over: 'toy_script', items: (script: { scenes: string[] }) => script.scenes },
  }),
  poster: spec('ai', 'toy_poster', ['toy_script'], { gate: 'review' }),
  cut: spec('render', 'toy_cut', ['toy_scene', 'toy_poster']),
};

const stats: NodeStats = { wall_s: 0, cpu_s: 0, peak_memory_mb: 0, bytes_read: 0, bytes_written: 0, worker: 'toy' };

/** Input of a job whose script has no scenes at all. */
export const emptyFilm = 'a film without scenes';

/** The real engine, queue and Redis around stages that only make up texts. `runs` names every execution. */
export async function createToyEngine(redisUrl: string) {
  const log = createLogger({ level: 'silent', name: 'toy' });
  const signal = AbortSignal.timeout(10_000);
  const redis = createRedis({ url: redisUrl, role: 'worker', log });
  const subscriber = createRedis({ url: redisUrl, role: 'subscriber', log });
  const producer = createProducer({ redisUrl, log });
  await Promise.all([waitForRedis(redis, signal), producer.whenReady(signal)]);
  const storage = createMemoryStorage();
  const outcomes: Outcome[] = [];
  const engine = createEngine({
    pipeline: toyPipeline,
    storage,
    redis,
    subscriber,
    producer,
    retentionDays: 1,
    summarize: async () => ({ outputs: [], warnings: [], degraded: false, report: { toy: true } }),
    onOutcome: (_, outcome) => outcomes.push(outcome),
  });
  await engine.subscribe();
  const runs: string[] = [];
  const behaviour: { before: (node: string) => Promise<void> | void } = { before: () => undefined };

  const workers = (['prepare', 'ai', 'render'] as const).map((pool) =>
    createWorker({
      pool,
      concurrency: 3,
      redisUrl,
      log,
      handler: async (item) => {
        const begun = await engine.nodes.begin(item.data as NodeTask, 'toy');
        if (begun.kind !== 'run') return 'done';
        const name = toNodeId(begun.node);
        const now = new Date().toISOString();
        const record: NodeRecord & { stats: NodeStats } = {
          status: 'done',
          attempts: 1,
          cached: false,
          started_at: now,
          finished_at: now,
          stats,
        };
        try {
          await behaviour.before(name);
          runs.push(name);
          await engine.nodes.commit(
            begun,
            makeUp({ source: begun.context.manifest.input, stage: begun.stage.name, inputs: begun.inputs, item: begun.item }),
            record,
          );
        } catch (error) {
          if (!(error instanceof CutroomError)) throw error;
          await engine.nodes.ended(begun, { ...record, status: 'failed' }, error);
          await engine.conclude.fail(begun.context, { error, stage: begun.stage.name, attempts: 1 });
        }
        return 'done';
      },
    }),
  );

  return {
    engine,
    redis,
    runs,
    outcomes,
    behaviour,
    storage,
    post: (source: string, settings: Partial<Settings> = {}) =>
      engine.jobs.create({
        tenant: 'local',
        request: { input: { asset_id: createId('ast') } },
        settings: { limits: { timeout_s: 60 }, ...settings } as Settings,
        input: { sha256: source, blob: 'b', bytes: 1 },
        asset_id: null,
        priority: 'normal',
        batch_id: null,
        external_id: null,
        metadata: {},
        webhook: null,
      }),
    async ended(id: string) {
      for await (const event of engine.events.follow('local', id, null, AbortSignal.timeout(15_000))) void event;
      const view = await engine.jobs.view('local', id);
      if (!view) throw new Error('the job is gone');
      return view;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close(2_000)));
      await Promise.all([closeRedis(redis), closeRedis(subscriber), producer.close(), storage.close()]);
    },
  };
}

export type ToyEngine = Awaited<ReturnType<typeof createToyEngine>>;

interface Wish {
  source: unknown;
  stage: string;
  inputs: Record<string, unknown>;
  item: unknown;
}

function makeUp({ source, stage, inputs, item }: Wish): unknown {
  if (stage === 'script') return { scenes: JSON.stringify(source).includes(emptyFilm) ? [] : ['opening', 'middle', 'end'] };
  return stage === 'scene' ? `shot of ${item}` : { made_from: inputs };
}
