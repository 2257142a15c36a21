import type { EventType } from '#contracts/request';
import type { Pool } from '#contracts/stage-declaration';
import { reach } from '#runtime/failpoint';
import type { Producer } from '#runtime/queue-types';
import type { Artifacts } from './commit.ts';
import type { Contexts, RunContext } from './context.ts';
import type { Events } from './events.ts';
import { type StageNode, totalWeight } from './graph.ts';
import {
  awaitsReview,
  type Done,
  type DoneStages,
  digestOfItems,
  isFinished,
  type NodeName,
  readyStages,
  releasedBy,
  toNodeId,
} from './next.ts';
import type { RunState } from './state.ts';
import type { NodeRecord } from './types.ts';

/** What travels through a queue: names only. */
export interface NodeTask {
  tenant: string;
  id: string;
  run: number;
  node: string;
}

export interface FlowParts {
  artifacts: Artifacts;
  contexts: Contexts;
  events: Events;
  producer: Producer;
  state: RunState;
  /** Called once nothing is left to do; files the outcome. */
  complete: (context: RunContext) => Promise<void>;
  /** For subscribers of webhooks; `seed` tells two events of one kind apart. */
  announce: Announce;
}

export type Announce = (context: RunContext, event: EventType, seed: string) => Promise<void>;
export type Flow = ReturnType<typeof createFlow>;

/** How a job moves: what is finished releases what it feeds. All of it may be repeated without harm. */
export function createFlow({ artifacts, contexts, events, producer, state, complete, announce }: FlowParts) {
  /** Ids are deterministic: asked for twice, a node is queued once. */
  async function enqueue(context: RunContext, stages: readonly StageNode[], known?: number): Promise<void> {
    const done = stages.some(({ fanOut }) => fanOut) ? await state.done(context.ref) : new Map<string, Done>();
    const nodes = await Promise.all(stages.map((stage) => nodesOf(context, stage, done)));
    const turn = known ?? (await state.turn(context.ref.id));
    await reach('enqueue.before');
    await producer.enqueueMany(nodes.flat().map(({ stage, node }) => ({ ...toQueueEntry(context, stage, node), turn })));
    await reach('enqueue.after');
    for (const [index, stage] of stages.entries()) if (stage.fanOut && nodes[index]!.length === 0) await finishWhole(context, stage, done);
  }

  /**
   * A fan-out of which nothing is left to run is finished here. Over an empty list nobody else would say so; and who filed the last
   * item may have lost Redis before he said that the stage is whole.
   */
  async function finishWhole(context: RunContext, stage: StageNode, done: DoneStages): Promise<void> {
    const { length } = await contexts.itemsOf(context, stage, done);
    if (length === 0) await contribute(context, { stage: stage.name, index: null }, stage.weight);
    const digest = length === 0 ? digestOfItems([]) : await state.digestOfStage(context.ref, stage.name, length);
    await state.finishStage(context.ref, stage.name, { key: null, digest });
    await release(context, stage);
  }

  async function nodesOf(context: RunContext, stage: StageNode, done: DoneStages) {
    if (!stage.fanOut) return [{ stage, node: { stage: stage.name, index: null } }];
    const items = await contexts.itemsOf(context, stage, done);
    const finished = await state.finishedItems(context.ref, stage.name);
    return items.flatMap((_, index) => (finished.has(index) ? [] : [{ stage, node: { stage: stage.name, index } }]));
  }

  async function isApproved(context: RunContext): Promise<boolean> {
    return context.run.approved || ((await state.job(context.ref.id))?.approved ?? false);
  }

  /** At creation nothing is finished, so nothing needs to be asked. */
  const begin = (context: RunContext, turn: number): Promise<void> => enqueue(context, readyStages(context.graph, new Map(), false), turn);

  /**
   * What storage says is finished, stage after stage: the truth that Redis' memory is derived from. What waits for an
   * approval is not finished before it, even if another job has filed the same artifact.
   */
  async function doneInStorage(context: RunContext, approved: boolean): Promise<Map<string, Done>> {
    const done = new Map<string, Done>();
    for (const stage of context.graph.values()) {
      if (!stage.needs.every((need) => done.has(need)) || (stage.gate !== null && !approved)) continue;
      const entry = await (stage.fanOut ? itemsInStorage(context, stage, done) : stageInStorage(context, stage, done));
      if (entry) done.set(stage.name, entry);
    }
    return done;
  }

  async function stageInStorage(context: RunContext, stage: StageNode, done: DoneStages): Promise<Done | null> {
    const address = await contexts.addressOf(context, stage, done);
    const record = await artifacts.find(address);
    return record && { key: address.key, digest: record.digest };
  }

  async function itemsInStorage(context: RunContext, stage: StageNode, done: DoneStages): Promise<Done | null> {
    const digests = await itemDigests(context, stage, done);
    const whole = digests.filter((digest) => digest !== null);
    return whole.length === digests.length ? { key: null, digest: digestOfItems(whole) } : null;
  }

  async function itemDigests(context: RunContext, stage: StageNode, done: DoneStages): Promise<(string | null)[]> {
    const items = await contexts.itemsOf(context, stage, done);
    return Promise.all(
      items.map(async (item) => (await artifacts.find(await contexts.addressOf(context, stage, done, item)))?.digest ?? null),
    );
  }

  /** Items found are filed one by one, so that only the missing ones run. */
  async function restoreItems(context: RunContext, done: DoneStages): Promise<void> {
    for (const stage of context.graph.values()) {
      if (!stage.fanOut || !stage.needs.every((need) => done.has(need))) continue;
      const digests = await itemDigests(context, stage, done);
      const file = (digest: string | null, index: number) =>
        digest && state.finishItem(context.ref, { stage: stage.name, index }, digest, digests.length);
      await Promise.all(digests.map(file));
    }
  }

  /** After a wipe: what storage knows is written into Redis again. */
  async function restore(context: RunContext): Promise<void> {
    const found = await doneInStorage(context, await isApproved(context));
    await restoreItems(context, found);
    for (const [stage, entry] of found) {
      await state.finishStage(context.ref, stage, entry);
      const work = context.graph.get(stage)?.weight ?? 0;
      await state.contribute(context.ref, { stage, index: null }, { work, total: totalWeight(context.graph) });
    }
  }

  /** Starts whatever can start: after an approval, and when the reconciler looks. */
  async function advance(context: RunContext): Promise<void> {
    const [done, approved] = await Promise.all([state.done(context.ref), isApproved(context)]);
    if (isFinished(context.graph, done)) return complete(context);
    await enqueue(context, readyStages(context.graph, done, approved));
    if (!approved && awaitsReview(context.graph, done)) await awaitReview(context);
  }

  /** After `stage` finished: start what it alone still held up, or end the job, or wait for a person. */
  async function release(context: RunContext, stage: StageNode): Promise<void> {
    const [done, approved] = await Promise.all([state.done(context.ref), isApproved(context)]);
    if (isFinished(context.graph, done)) return complete(context);
    await enqueue(context, releasedBy(context.graph, done, stage.name, approved));
    if (!approved && awaitsReview(context.graph, done)) await awaitReview(context);
  }

  async function awaitReview(context: RunContext): Promise<void> {
    const { id, tenant } = context.manifest;
    await state.transition({ ...context.ref, tenant }, 'awaiting_review', [{ type: 'job.awaiting_review', data: { job_id: id } }]);
    await announce(context, 'job.awaiting_review', String(context.ref.run));
  }

  /** Adds to the job's progress and tells those who asked to be told. */
  async function contribute(context: RunContext, node: NodeName, work: number): Promise<void> {
    const percent = await state.contribute(context.ref, node, { work, total: totalWeight(context.graph) });
    if (percent !== null) await announce(context, 'job.progress', `${context.ref.run} ${percent}`);
  }

  return {
    advance,
    begin,
    contribute,
    doneInStorage,
    release,
    restore,

    /** Files a finished node; the first to finish a whole stage announces it. Then releases what waits for it. */
    async finish(
      context: RunContext,
      finished: { stage: StageNode; node: NodeName; key: string; digest: string; items: number; record: NodeRecord; worker?: string },
    ) {
      const { stage, node, record } = finished;
      const work = stage.weight / (node.index === null ? 1 : finished.items);
      await Promise.all([
        state.saveNode(context.ref, node, record),
        contribute(context, node, work),
        state.endAttempt(context.ref, node, finished.worker ?? null),
      ]);
      const whole = node.index === null ? finished.digest : await state.finishItem(context.ref, node, finished.digest, finished.items);
      if (whole === null) return;
      const done = { key: node.index === null ? finished.key : null, digest: whole };
      if (await state.finishStage(context.ref, stage.name, done)) await say(context, stage, record);
      await release(context, stage);
    },
  };

  async function say(context: RunContext, stage: StageNode, record: NodeRecord): Promise<void> {
    const data = { job_id: context.ref.id, stage: stage.name, cached: record.cached, duration_ms: durationMs(record) };
    await events.emit(context.ref.id, { type: 'job.stage.completed', data });
    await announce(context, 'job.stage.completed', `${context.ref.run} ${stage.name}`);
    if (!stage.announces) return;
    await events.emit(context.ref.id, { type: stage.announces, data: { job_id: context.ref.id, stage: stage.name } });
    await announce(context, stage.announces as EventType, String(context.ref.run));
  }
}

/** Pure: what a node is called in its pool's queue. */
export function toQueueEntry({ manifest, ref }: RunContext, stage: StageNode, node: NodeName) {
  const name = toNodeId(node);
  const data: NodeTask = { tenant: manifest.tenant, id: ref.id, run: ref.run, node: name };
  const rank = { priority: manifest.priority, early: stage.early };
  return { pool: stage.pool as Pool, id: `${ref.id}.${ref.run}.${name}`, data: { ...data }, ...rank };
}

const durationMs = ({ started_at, finished_at }: NodeRecord): number | null =>
  started_at && finished_at ? Date.parse(finished_at) - Date.parse(started_at) : null;
