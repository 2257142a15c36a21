import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifacts, artifactSchemas, type Noun } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { StageName } from '#contracts/pipeline';
import type { WiredEngine } from '#engine/create';
import type { NodeTask } from '#engine/flow';
import { toNodeId } from '#engine/next';
import type { Work } from '#engine/nodes';
import type { NodeRecord } from '#engine/types';
import { reach } from '#runtime/failpoint';
import { linkSignals } from '#runtime/linked-signal';
import type { Logger } from '#runtime/log';
import type { AbortReason, WorkItem } from '#runtime/queue-types';
import { toBlamelessError } from '#runtime/redis-errors';
import type { Storage } from '#storage/storage';
import type { OpenAi } from './ai.ts';
import { storeBlob } from './blobs.ts';
import type { Meter, OpenMeter } from './meter.ts';
import type { Observer } from './observe.ts';
import { reportProgress } from './progress.ts';
import type { Stages, StageTools } from './stage.ts';

export interface RunnerParts {
  engine: WiredEngine;
  openMeter: OpenMeter;
  openAi: OpenAi;
  stages: Stages;
  storage: Storage;
  scratchDir: string;
  log: Logger;
  worker: string;
  observer: Pick<Observer, 'attemptBegun' | 'attemptEnded'>;
}

export type RunNode = (item: WorkItem) => Promise<'done'>;

/** One attempt of one node: inputs, private folder, the stage, commit, clean-up. Throws what the queue must act on. */
export function createRunNode(parts: RunnerParts): RunNode {
  const { engine } = parts;
  return async (item) => {
    const begun = await engine.nodes.begin(item.data as NodeTask, parts.worker);
    if (begun.kind === 'skip') return 'done';
    if (begun.kind === 'poison') {
      const error = new CutroomError(
        'POISON_JOB',
        `${toNodeId(begun.node)} was running when its worker died, ${begun.deaths} times in a row.`,
      );
      await engine.conclude.fail(begun.context, { error, stage: begun.node.stage, attempts: begun.deaths });
      return 'done';
    }
    return attempt(parts, begun, item);
  };
}

async function attempt(parts: RunnerParts, work: Work, item: WorkItem): Promise<'done'> {
  const { engine, observer } = parts;
  const log = parts.log.child({ job_id: work.context.ref.id, stage: toNodeId(work.node) });
  const meter = parts.openMeter();
  const watch = watchForEnd(engine, work, item.signal);
  const started = toStartedRecord(item.attempt);
  try {
    observer.attemptBegun(work);
    await engine.nodes.running(work, started);
    const value = await withScratch(parts.scratchDir, `${work.context.ref.id}.${toNodeId(work.node)}-`, (scratch) =>
      runStage(parts, work, toTools({ parts, work, signal: watch.signal, log, meter, scratch })),
    );
    await reach('blobs.written');
    watch.signal.throwIfAborted();
    const record = { ...started, status: 'done' as const, finished_at: new Date().toISOString(), stats: meter.stats() };
    const { won } = await engine.nodes.commit(work, value, record);
    observer.attemptEnded({ work, outcome: won ? 'done' : 'rejected', record });
    log.info({ duration_ms: Math.round(record.stats.wall_s * 1000) }, 'stage done');
    return 'done';
  } catch (thrown) {
    throw await endBadly({ parts, work, item, signal: watch.signal, log, thrown, record: { ...started, stats: meter.stats() } });
  } finally {
    watch.close();
    meter.close();
  }
}

const toStartedRecord = (attempts: number): NodeRecord => ({
  status: 'running',
  attempts,
  cached: false,
  started_at: new Date().toISOString(),
  finished_at: null,
  stats: null,
});

/** A private folder for as long as `use` runs. */
async function withScratch<T>(parent: string, prefix: string, use: (scratch: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  const scratch = await mkdtemp(join(parent, prefix));
  try {
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const lookEveryMs = 5000;

/** Cancellations come by a channel that may lose one, so the outcome is looked for as well while a stage runs. */
function watchForEnd(engine: WiredEngine, work: Work, given: AbortSignal): { signal: AbortSignal; close(): void } {
  const { signal, abort, unlink } = linkSignals([given]);
  const look = () =>
    engine.nodes.hasEnded(work).then(
      (yes) => yes && abort('cancelled' satisfies AbortReason),
      () => undefined, // storage is asked again in a moment
    );
  const timer = setInterval(look, lookEveryMs);
  const close = () => {
    clearInterval(timer);
    unlink();
  };
  return { signal, close };
}

async function runStage({ stages }: RunnerParts, work: Work, tools: StageTools): Promise<unknown> {
  const { manifest } = work.context;
  const { id, tenant, input } = manifest;
  const run = stages[work.stage.name as StageName] as (input: unknown, tools: StageTools) => Promise<unknown>;
  const value = await run({ ...work.inputs, item: work.item, settings: work.stage.uses, job: { id, tenant, input } }, tools);
  return artifactSchemas[work.stage.makes as Noun]?.parse(value) ?? value;
}

interface ToolParts {
  parts: RunnerParts;
  work: Work;
  signal: AbortSignal;
  log: Logger;
  meter: Meter;
  scratch: string;
}

function toTools({ parts, work, signal, log, meter, scratch }: ToolParts): StageTools {
  const { storage } = parts;
  const { tenant, settings } = work.context.manifest;
  return {
    ...parts.openAi({ tenant, job: work.context.ref.id, settings, footageS: () => readFootageS(work), tally: meter.ai, signal, log }),
    scratch,
    signal,
    log,
    media: meter.media,
    progress: reportProgress(parts.engine, work, log),
    async open({ key }) {
      const path = await storage.openFile(key, signal);
      await meter.readBytes(path);
      return path;
    },
    async store(path, contentType) {
      const blob = await storeBlob({ storage, tenant, path, contentType, signal });
      meter.wroteBytes(blob.bytes);
      return blob;
    },
  };
}

const readFootageS = async ({ artifact }: Work) => ((await artifact('facts')) as Artifacts['facts']).duration_s;

interface BadEnd {
  parts: RunnerParts;
  work: Work;
  item: WorkItem;
  signal: AbortSignal;
  log: Logger;
  thrown: unknown;
  record: NodeRecord;
}

/** After a lost lock not a word is written: another worker may own the node. An abort is nobody's fault. */
async function endBadly({ parts, work, item, signal, log, thrown, record }: BadEnd): Promise<Error> {
  const { aborted, reason } = signal;
  const error = aborted
    ? new CutroomError(reason === 'cancelled' ? 'CANCELLED' : 'SHUTTING_DOWN', String(reason))
    : toBlamelessError(thrown);
  parts.observer.attemptEnded({ work, outcome: aborted ? 'aborted' : 'failed', record });
  if (reason === 'lock_lost') return error;
  const final = !aborted && (error.row.disposition === 'fail' || (error.row.disposition === 'retry' && item.lastAttempt));
  log.warn({ err: aborted ? undefined : thrown, code: error.code, final }, aborted ? `stage aborted: ${reason}` : 'stage failed');
  await parts.engine.nodes.ended(work, { ...record, status: final ? 'failed' : 'queued' }, error);
  if (final) await parts.engine.conclude.fail(work.context, { error, stage: work.stage.name, attempts: item.attempt });
  return error;
}
