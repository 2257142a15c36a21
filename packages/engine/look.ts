import type { OutputFile } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import { type JobView, terminalStatuses } from '#contracts/job';
import type { Producer } from '#runtime/queue-types';
import type { Conclude } from './conclude.ts';
import type { Contexts, RunContext } from './context.ts';
import { type Flow, toQueueEntry } from './flow.ts';
import { type Graph, totalWeight } from './graph.ts';
import { awaitsReview, type DoneStages, readyStages } from './next.ts';
import type { Pace } from './pace.ts';
import type { Records } from './records.ts';
import type { JobState, RunState } from './state.ts';
import { toJobView } from './view.ts';

/** A job's current run. `live` is false while Redis does not answer: then this is what storage and our memory say. */
export interface Sight {
  context: RunContext;
  jobState: JobState | null;
  live: boolean;
}

export interface LookParts {
  contexts: Contexts;
  flow: Flow;
  pace: Pick<Pace, 'waitS'>;
  producer: Pick<Producer, 'position'>;
  records: Records;
  /** Everything that follows from an outcome, again. */
  settle: Conclude['settle'];
  state: RunState;
  retentionDays: number;
}

export type Look = ReturnType<typeof createLook>;

const remembered = 1_000;

/** Jobs as they stand. Reading goes on without Redis, from storage; a percentage that was told is never taken back. */
export function createLook({ contexts, flow, pace, producer, records, settle, state, retentionDays }: LookParts) {
  const told = new Map<string, JobState>();

  function remember(id: string, seen: JobState): JobState {
    const before = told.get(id);
    const now = before?.run === seen.run && before.percent > seen.percent ? { ...seen, percent: before.percent } : seen;
    told.delete(id);
    told.set(id, now);
    if (told.size > remembered) told.delete(told.keys().next().value as string);
    return now;
  }

  /** Null = no job of this tenant has this id. */
  async function find(tenant: string, id: string): Promise<Sight | null> {
    const manifest = await records.manifest(tenant, id);
    if (!manifest) return null;
    const seen = await state.job(id).catch(() => 'away' as const);
    const live = seen !== 'away';
    const number = (live && seen?.run) || (await records.latestRun(manifest));
    const run = await records.run(manifest, number);
    if (!run) return null;
    const context = contexts.of(manifest, run);
    return { context, jobState: live && seen ? remember(id, seen) : null, live };
  }

  /** What is filed goes before what Redis says: one that lost its last moments still shows an ended job at work. */
  async function view({ context, jobState, live }: Sight): Promise<JobView> {
    const { manifest, ref } = context;
    const outcome = isSuperseded(jobState) ? null : await records.outcome(manifest.tenant, ref.id, ref.run);
    const nothing = { nodes: new Map(), done: new Map(), outputs: [] };
    if (outcome && jobState && !terminalStatuses.includes(jobState.status)) void settle(context, outcome).catch(() => undefined);
    if (outcome) return toJobView({ context, state: jobState, ...nothing, outcome, retentionDays });
    if (!jobState) return viewFromStorage(context);
    const found = await Promise.all([state.nodes(ref), state.done(ref)]).catch(() => null);
    if (!found) return viewFromStorage(context); // it went away this very moment
    const [nodes, done] = found;
    const queue = live && jobState.status === 'queued' ? await placeOf(context, done) : nowhere;
    return toJobView({ context, state: jobState, nodes, done, queue, outcome, outputs: await outputsOf(context, done), retentionDays });
  }

  /** Redis is away or was wiped: what was told before still holds, and what is filed is done. */
  async function viewFromStorage(context: RunContext): Promise<JobView> {
    const done = await doneInStorage(context);
    const before = told.get(context.ref.id);
    const known = before?.run === context.ref.run && !terminalStatuses.includes(before.status);
    const jobState = known ? before : remember(context.ref.id, await stateFromStorage(context, done));
    const outputs = await outputsOf(context, done);
    return toJobView({ context, state: jobState, nodes: new Map(), done, outcome: null, outputs, retentionDays });
  }

  async function stateFromStorage({ manifest, run, graph, ref }: RunContext, done: DoneStages): Promise<JobState> {
    const approved = await records.isApproved(manifest, run);
    const waits = !approved && awaitsReview(graph, done);
    const status = waits ? 'awaiting_review' : done.size > 0 ? 'processing' : 'queued';
    return { tenant: manifest.tenant, run: ref.run, status, started_at: null, approved, percent: percentOf(graph, done), turn: 0 };
  }

  async function placeOf(context: RunContext, done: DoneStages): Promise<JobView['queue']> {
    const stage = readyStages(context.graph, done, context.run.approved).find(({ fanOut }) => !fanOut);
    if (!stage) return nowhere;
    const { pool, id } = toQueueEntry(context, stage, { stage: stage.name, index: null });
    const position = await producer.position(pool, id).catch(() => null);
    return { position, eta_s: position === null ? null : await pace.waitS(pool, position).catch(() => null) };
  }

  async function outputsOf(context: RunContext, done: DoneStages): Promise<OutputFile[]> {
    const finished = [...context.graph.values()].filter((stage) => done.has(stage.name) && !stage.fanOut);
    const values = await Promise.all(finished.map((stage) => contexts.artifactOf(context, stage, done).catch(() => null)));
    return values.flatMap((value) => (value as { outputs?: OutputFile[] } | null)?.outputs ?? []);
  }

  const doneInStorage = async (context: RunContext): Promise<DoneStages> =>
    flow.doneInStorage(context, await records.isApproved(context.manifest, context.run));

  /** The finished stages, from storage when Redis has forgotten them. */
  async function doneOf(context: RunContext): Promise<DoneStages> {
    const done = await state.done(context.ref).catch(() => null);
    return done && done.size > 0 ? done : doneInStorage(context);
  }

  return {
    find,
    view,

    /** A run has just been opened here. */
    opened({ manifest, run }: RunContext): void {
      remember(manifest.id, {
        tenant: manifest.tenant,
        run: run.number,
        status: 'queued',
        started_at: null,
        approved: run.approved,
        percent: 0,
        turn: 0,
      });
    },
    doneOf,
    outputsSoFar: async (context: RunContext): Promise<OutputFile[]> => outputsOf(context, await doneOf(context)),

    /** For those who want to change something: without Redis nobody knows enough. */
    async findLive(tenant: string, id: string): Promise<Sight | null> {
      const sight = await find(tenant, id);
      if (sight && !sight.live) throw new CutroomError('QUEUE_UNAVAILABLE', { detail: 'Redis does not answer.', retryAfterS: 2 });
      return sight;
    },
  };
}

/** A run that waits for a person ends without a word when another one takes its place. */
const isSuperseded = (jobState: JobState | null): boolean => jobState?.status === 'awaiting_review';

const nowhere: JobView['queue'] = { position: null, eta_s: null };

function percentOf(graph: Graph, done: DoneStages): number {
  const work = [...graph.values()].reduce((sum, { name, weight }) => sum + (done.has(name) ? weight : 0), 0);
  return Math.min(99, Math.floor((100 * work) / totalWeight(graph)));
}
