import type { OutputFile } from '#contracts/artifacts';
import type { StageView, Usage } from '#contracts/job';
import type { RunContext } from './context.ts';
import type { StageNode } from './graph.ts';
import { type DoneStages, parseNodeId } from './next.ts';
import type { NodeRecord, Outcome } from './types.ts';

/** Pure: one line a stage; the nodes of a fan-out are summed up in theirs. */
export function toStageViews(
  context: RunContext,
  nodes: ReadonlyMap<string, NodeRecord>,
  done: DoneStages,
  end?: Outcome['status'],
): StageView[] {
  const byStage = groupByStage(nodes);
  return [...context.graph.values()].map((stage) => {
    const records = byStage.get(stage.name) ?? [];
    const isDone = done.has(stage.name);
    if (records.length === 0 && !isDone) return untouched(stage, end ? 'skipped' : 'pending');
    const times = spanOf(records);
    return {
      name: stage.name,
      pool: stage.pool,
      status: statusOf(records, isDone, end),
      progress: isDone
        ? 100
        : Math.floor((100 * records.filter(({ status }) => status === 'done').length) / Math.max(1, records.length + 1)),
      attempts: Math.max(0, ...records.map(({ attempts }) => attempts)),
      cached: records.length > 0 && records.every(({ cached }) => cached),
      started_at: times.start,
      finished_at: isDone ? times.end : null,
      duration_ms: isDone && times.start && times.end ? Date.parse(times.end) - Date.parse(times.start) : null,
    };
  });
}

const untouched = ({ name, pool }: StageNode, status: StageView['status']): StageView => ({
  name,
  pool,
  status,
  progress: 0,
  attempts: 0,
  cached: false,
  started_at: null,
  finished_at: null,
  duration_ms: null,
});

/** Pure: what the run itself spent; what came out of the cache cost nothing now. */
export function toUsage(
  context: Pick<RunContext, 'manifest'>,
  nodes: ReadonlyMap<string, NodeRecord>,
  outputs: readonly OutputFile[],
): Usage {
  const { input } = context.manifest;
  const stats = [...nodes.values()].flatMap(({ stats, cached }) => (stats && !cached ? [stats] : []));
  const sum = (read: (stat: (typeof stats)[number]) => number) =>
    Math.round(stats.reduce((total, stat) => total + read(stat), 0) * 1000) / 1000;
  return {
    cpu_s: sum(({ cpu_s }) => cpu_s),
    wall_s: sum(({ wall_s }) => wall_s),
    peak_memory_mb: Math.max(0, ...stats.map(({ peak_memory_mb }) => peak_memory_mb)),
    bytes_in: 'bytes' in input ? input.bytes : (nodes.get('fetch')?.stats?.bytes_written ?? 0),
    bytes_out: outputs.reduce((total, { blob }) => total + blob.bytes, 0),
    ai: {
      calls: sum(({ ai }) => ai?.calls ?? 0),
      tokens_in: sum(({ ai }) => ai?.tokens_in ?? 0),
      tokens_out: sum(({ ai }) => ai?.tokens_out ?? 0),
      usd: toMicros(stats.reduce((total, { ai }) => total + (ai?.usd ?? 0), 0)),
    },
  };
}

/** A call costs tenths of a cent. */
const toMicros = (usd: number) => Math.round(usd * 1e6) / 1e6;

function groupByStage(nodes: ReadonlyMap<string, NodeRecord>): Map<string, NodeRecord[]> {
  const groups = new Map<string, NodeRecord[]>();
  for (const [id, record] of nodes) {
    const { stage } = parseNodeId(id);
    groups.set(stage, [...(groups.get(stage) ?? []), record]);
  }
  return groups;
}

function statusOf(records: readonly NodeRecord[], isDone: boolean, end?: Outcome['status']): StageView['status'] {
  if (isDone) return 'done';
  const has = (status: NodeRecord['status']) => records.some((record) => record.status === status);
  if (has('failed')) return 'failed';
  if (end) return 'skipped';
  return has('running') || has('done') ? 'running' : has('queued') ? 'queued' : 'pending';
}

function spanOf(records: readonly NodeRecord[]): { start: string | null; end: string | null } {
  const starts = records.flatMap(({ started_at }) => started_at ?? []).sort();
  const ends = records.flatMap(({ finished_at }) => finished_at ?? []).sort();
  return { start: starts[0] ?? null, end: ends.at(-1) ?? null };
}
