import { layout } from '#engine/layout';
import type { Outcome } from '#engine/types';
import { type Finding, none } from './chaos.ts';
import type { Field } from './toy/field.ts';
import type { Line, What } from './toy/ledger.ts';

const terminal = ['job.completed', 'job.failed', 'job.cancelled'];

/** The client's books against what lies in storage, against what the workers wrote down, and against the jobs' histories. */
export async function checkJobs(field: Field, expected: Outcome['status'] = 'completed'): Promise<Finding[]> {
  const ids = field.journal.ids();
  const outcomes = await Promise.all(ids.map((id) => outcomeOf(field, id)));
  const lines = field.ledger();
  const commits = countBy(lines, 'won');
  const ends = countBy(lines, 'ended');
  const histories = await Promise.all(ids.map((id) => field.events.list('local', id, null)));
  const told = histories.map((events) => (events ?? []).filter(({ type }) => terminal.includes(type)).length);
  return [
    none('acknowledged jobs lost', ids.length, outcomes.filter((outcome) => outcome === null).length),
    none(`jobs that ended other than ${expected}`, ids.length, outcomes.filter((outcome) => outcome && outcome.status !== expected).length),
    none('nodes committed twice', commits.size, moreThanOnce(commits)),
    none('jobs ended twice', ids.length, moreThanOnce(ends) + told.filter((count) => count > 1).length),
  ];
}

export async function outcomeOf({ storage }: Field, id: string): Promise<Outcome | null> {
  const bytes = await storage.get(layout.outcome('local', id, 1));
  return bytes && (JSON.parse(bytes.toString()) as Outcome);
}

export function countBy(lines: readonly Line[], what: What): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) if (line.what === what) counts.set(line.name, (counts.get(line.name) ?? 0) + 1);
  return counts;
}

const moreThanOnce = (counts: ReadonlyMap<string, number>): number => [...counts.values()].filter((count) => count > 1).length;
