import { digestOf } from '#contracts/digest';
import type { Graph, StageNode } from './graph.ts';

/** A finished stage: where its record is filed (null for a fan-out, whose members are filed one by one) and the hash of what it says. */
export interface Done {
  key: string | null;
  digest: string;
}
export type DoneStages = ReadonlyMap<string, Done>;

/** Pure: the stages that may start now: not finished, everything they need finished, not held back by a review. */
export function readyStages(graph: Graph, done: DoneStages, approved: boolean): StageNode[] {
  return [...graph.values()].filter(
    (stage) => !done.has(stage.name) && stage.needs.every((need) => done.has(need)) && (approved || stage.gate === null),
  );
}

/** Pure: of those, the ones that `finished` can have released: what runs already is not asked for again. */
export function releasedBy(graph: Graph, done: DoneStages, finished: string, approved: boolean): StageNode[] {
  const feeds = graph.get(finished)?.feeds ?? [];
  return readyStages(graph, done, approved).filter((stage) => feeds.includes(stage.name));
}

/** Pure: nothing can start, because all that could waits for a person. */
export function awaitsReview(graph: Graph, done: DoneStages): boolean {
  const open = [...graph.values()].filter((stage) => !done.has(stage.name));
  const heldBack = new Set<string>();
  for (const stage of open) if (stage.gate !== null || stage.needs.some((need) => heldBack.has(need))) heldBack.add(stage.name);
  return open.length > 0 && open.every((stage) => heldBack.has(stage.name));
}

export const isFinished = (graph: Graph, done: DoneStages): boolean => [...graph.keys()].every((name) => done.has(name));

/**
 * Pure: the key that a node's artifact is filed under. A node of a fan-out is its item and nothing else, so that a
 * change elsewhere in the list leaves it as it was; of what a stage takes parts of, only these (`parts`, by noun) count.
 * The tenant is part of every key; `salt` is what else tells two runs of a stage apart: the job's input for the first stage,
 * and "run it afresh".
 */
export function keyOf(stage: StageNode, from: KeySource): string {
  const digestIn = (noun: string, index: number) => from.parts?.[noun] ?? mustBeDone(from.done, stage.needs[index] as string).digest;
  const inputs = stage.fanOut ? [from.item] : stage.reads.map(digestIn);
  return digestOf([stage.name, stage.version, from.tenant, stage.uses, inputs, from.salt]);
}

interface KeySource {
  tenant: string;
  done: DoneStages;
  /** Digests of the parts that the stage takes, by noun. */
  parts?: Readonly<Record<string, string>>;
  item?: unknown;
  salt: unknown;
}

/** Pure: where the same node's result lies when it is good for one job alone. */
export const ownKeyOf = (key: string, jobId: string): string => digestOf([key, jobId]);

/** Pure: what a fan-out says as a whole. */
export const digestOfItems = (digests: readonly string[]): string => digestOf(digests);

/** A node is a stage, or item `index` of a stage that fans out: `render-chunk.17`. */
export interface NodeName {
  stage: string;
  index: number | null;
}
export const toNodeId = ({ stage, index }: NodeName): string => (index === null ? stage : `${stage}.${index}`);

export function parseNodeId(id: string): NodeName {
  const [stage = '', index] = id.split('.');
  return { stage, index: index === undefined ? null : Number(index) };
}

export function mustBeDone(done: DoneStages, stage: string): Done {
  const entry = done.get(stage);
  if (!entry) throw new Error(`${stage} is not finished`);
  return entry;
}
