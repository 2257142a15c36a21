import type { CutroomError } from '#contracts/errors';
import { reach } from '#runtime/failpoint';
import type { ArtifactRecord, Artifacts } from './commit.ts';
import type { Contexts, RunContext } from './context.ts';
import type { Announce, Flow, NodeTask } from './flow.ts';
import type { StageNode } from './graph.ts';
import { type DoneStages, type NodeName, ownKeyOf, parseNodeId } from './next.ts';
import type { Records } from './records.ts';
import type { Quarantine } from './retention/quarantine.ts';
import type { RunState } from './state.ts';
import type { NodeRecord, NodeStats } from './types.ts';

/** A node to run: its inputs by noun, and its item when it is one of many. */
export interface Work {
  kind: 'run';
  context: RunContext;
  stage: StageNode;
  node: NodeName;
  inputs: Record<string, unknown>;
  /** What is finished of the run, by noun, whether the stage reads it or not: nothing that decides its result. */
  artifact: (noun: string) => Promise<unknown>;
  item: unknown;
  /** How many nodes the stage has; 1 unless it fans out. */
  items: number;
  attempt: number;
  worker: string;
}

export type Begun =
  | Work
  | { kind: 'skip'; why: 'ended' | 'cached' | 'late' }
  | { kind: 'poison'; context: RunContext; node: NodeName; deaths: number };

export interface NodesParts {
  announce: Announce;
  artifacts: Artifacts;
  contexts: Contexts;
  flow: Flow;
  quarantine: Quarantine;
  records: Records;
  state: RunState;
}

export type Nodes = ReturnType<typeof createNodes>;

/** Deaths of its workers, in a row, that a node may be blamed for; beyond it is poison: alone, the third one is. */
const maxBlame = 2;

/** What a worker does with a task, around the stage's own function. */
export function createNodes({ announce, artifacts, contexts, flow, quarantine, records, state }: NodesParts) {
  /** Decides what a taken task needs: nothing (ended or already filed), or to be run with these inputs. */
  async function begin(task: NodeTask, worker: string): Promise<Begun> {
    const context = await contexts.open(task.tenant, task.id, task.run);
    if (!context || (await records.outcome(task.tenant, task.id, task.run))) return { kind: 'skip', why: 'ended' };
    const node = parseNodeId(task.node);
    const stage = context.graph.get(node.stage);
    const done = await state.done(context.ref);
    if (!stage?.needs.every((need) => done.has(need))) return { kind: 'skip', why: 'ended' };
    if (done.has(stage.name)) return flow.release(context, stage).then(() => ({ kind: 'skip', why: 'late' }));
    const items = await contexts.itemsOf(context, stage, done);
    const item = node.index === null ? null : items[node.index];
    const address = await contexts.addressOf(context, stage, done, item);
    const record = await artifacts.find(address);
    if (record && (await quarantine.rescue(address, record)))
      return adopt({ context, stage, node, key: address.key, items: items.length }, record);
    return start({ context, stage, node, item, items: Math.max(1, items.length), done, worker });
  }

  /** The artifact exists: the node is finished without running. */
  async function adopt(
    from: { context: RunContext; stage: StageNode; node: NodeName; key: string; items: number },
    record: ArtifactRecord,
  ): Promise<Begun> {
    const now = new Date().toISOString();
    const nodeRecord: NodeRecord = { status: 'done', attempts: 0, cached: true, started_at: now, finished_at: now, stats: null };
    await markStarted(from.context);
    await flow.finish(from.context, { ...from, digest: record.digest, record: nodeRecord });
    return { kind: 'skip', why: 'cached' };
  }

  async function start(from: Omit<Work, 'kind' | 'inputs' | 'artifact' | 'attempt'> & { done: DoneStages }): Promise<Begun> {
    const { context, stage, node, item, items, done, worker } = from;
    await markStarted(context);
    await reach('attempt.before');
    const attempt = await state.beginAttempt(context.ref, node, worker);
    await reach('attempt.after');
    if (attempt.blame > maxBlame) return { kind: 'poison', context, node, deaths: attempt.number - 1 };
    const inputs = await Promise.all(
      // of a fan-out, an item is all it may see
      stage.reads.map(async (noun) => [noun, stage.fanOut ? null : await contexts.inputOf(context, stage, { noun, done })] as const),
    );
    const artifact = (noun: string) => contexts.artifactNamed(context, noun, done);
    return {
      kind: 'run',
      context,
      stage,
      node,
      inputs: Object.fromEntries(inputs),
      artifact,
      item,
      items,
      attempt: attempt.number,
      worker,
    };
  }

  async function markStarted(context: RunContext): Promise<void> {
    const { id, tenant } = context.manifest;
    const started = { type: 'job.started', data: { job_id: id } };
    if (await state.transition({ ...context.ref, tenant }, 'processing', [started]))
      await announce(context, 'job.started', String(context.ref.run));
  }

  return {
    begin,

    /** Somebody ended the run meanwhile: it was cancelled, or it is too late. */
    hasEnded: async ({ context }: Work): Promise<boolean> =>
      (await records.outcome(context.manifest.tenant, context.ref.id, context.ref.run)) !== null,

    running: (work: Work, record: NodeRecord): Promise<void> => state.saveNode(work.context.ref, work.node, record),

    /** Files the result; a late twin finds the first one's and says nothing. */
    async commit(work: Work, value: unknown, record: NodeRecord & { stats: NodeStats }): Promise<{ won: boolean }> {
      const { context, stage, node } = work;
      if (await records.outcome(context.manifest.tenant, context.ref.id, context.ref.run)) return { won: false };
      const done = await state.done(context.ref);
      const address = await contexts.addressOf(context, stage, done, work.item);
      await reach('commit.before');
      // What the rules decided because a model was away is this job's alone: the next one asks the model again.
      const key = record.stats.ai?.degraded ? ownKeyOf(address.key, context.ref.id) : address.key;
      const committed = await artifacts.commit({ ...address, key }, value, record.stats);
      await reach('commit.after');
      await flow.finish(context, {
        stage,
        node,
        key,
        digest: committed.record.digest,
        items: work.items,
        record,
        worker: work.worker,
      });
      return { won: committed.won };
    },

    /** `fraction` 0…1 of this node. */
    async progress(work: Work, fraction: number): Promise<void> {
      const { context, stage, node } = work;
      const done = (stage.weight / work.items) * Math.min(1, Math.max(0, fraction));
      await flow.contribute(context, node, done);
    },

    /** An orderly end that is no success: aborted, handed back, or about to be tried again. */
    async ended(work: Work, record: NodeRecord, error: CutroomError): Promise<void> {
      await state.endAttempt(work.context.ref, work.node, work.worker);
      await state.saveNode(work.context.ref, work.node, record);
      const { code, details } = error;
      await state.log(work.context.ref, {
        at: new Date().toISOString(),
        node: work.node,
        code,
        message: details.detail,
        tool: details.tool ?? null,
      });
    },
  };
}
