import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Artifacts, OutputFile } from '#contracts/artifacts';
import type { Warning } from '#contracts/footage';
import type { Usage } from '#contracts/job';
import type { Settings } from '#contracts/settings';
import { toJobBudgetUsd } from '#director/job-budget';
import type { Summarize } from '#engine/conclude';
import type { RunContext } from '#engine/context';
import { parseNodeId } from '#engine/next';
import { toUsage } from '#engine/stage-views';
import type { NodeRecord } from '#engine/types';
import type { MediaTools } from '#media/ffmpeg';
import type { Storage } from '#storage/storage';
import { storeBlob } from './blobs.ts';

export interface SummarizeParts {
  storage: Storage;
  media: Pick<MediaTools, 'capabilities'>;
  scratchDir: string;
}

/** The end of a completed job: its outputs with the report among them. The report tells of this run; what it measured comes from `finish`. */
export const createSummarize =
  ({ storage, media, scratchDir }: SummarizeParts): Summarize =>
  async (context, nodes, artifact) => {
    const result = (await artifact('result')) as Artifacts['result'];
    const degraded = findDegraded(nodes);
    const warnings = [...(context.manifest.warnings ?? []), ...result.warnings, ...degraded.map(toWarning)];
    const { duration_s } = (await artifact('facts')) as Artifacts['facts'];
    const report = toReport({ durationS: duration_s, context, nodes, result, warnings, tools: media.capabilities });
    const file = await storeReport(report, { storage, scratchDir, tenant: context.manifest.tenant });
    return { outputs: [...result.outputs, file], warnings, degraded: degraded.length > 0, report };
  };

interface ReportParts {
  durationS: number;
  context: RunContext;
  nodes: ReadonlyMap<string, NodeRecord>;
  result: Artifacts['result'];
  warnings: Artifacts['result']['warnings'];
  tools: Pick<MediaTools['capabilities'], 'version' | 'hardware'>;
}

function toReport({ durationS, context, nodes, result, warnings, tools }: ReportParts): Record<string, unknown> {
  const usage = toUsage(context, nodes, result.outputs);
  const hits = [...nodes.values()].filter(({ cached }) => cached).length;
  const chunks = [...nodes].filter(([id]) => parseNodeId(id).stage === 'render-chunk');
  return {
    stages: [...nodes].map(([id, record]) => toStageLine(context, id, record)),
    source: { duration_s: durationS },
    render: { ...result.render, chunks_reused: chunks.filter(([, { cached }]) => cached).length },
    quality: result.quality,
    ai: { ...toAiReport(usage.ai, nodes), budget_usd: budgetOf(context.manifest.settings, durationS) },
    cache: { hits, misses: nodes.size - hits },
    resources: {
      cpu_s: usage.cpu_s,
      peak_memory_mb: usage.peak_memory_mb,
      scratch_peak_mb: Math.max(0, ...[...nodes.values()].map(({ stats }) => (stats?.bytes_written ?? 0) / 1e6)),
      bytes_read: usage.bytes_in,
      bytes_written: usage.bytes_out,
    },
    content_type: result.content_type,
    ...(result.research && { research: result.research }),
    machine: {
      cpus: availableParallelism(),
      memory_mb: Math.round(totalmem() / 1e6),
      gpu: [...tools.hardware].sort().join(', ') || null,
      ffmpeg: tools.version,
    },
    warnings,
  };
}

/** Stages in which the rules decided because the model gave nothing. */
const findDegraded = (nodes: ReadonlyMap<string, NodeRecord>) =>
  [...nodes].flatMap(([stage, { stats }]) => (stats?.ai?.degraded ? [{ stage, reason: stats.ai.degraded, fallback: 'rules' }] : []));

const toWarning = ({ stage, reason }: { stage: string; reason: string }): Warning => ({
  code: 'AI_DEGRADED',
  stage,
  message: `The offline rules decided, because the model gave no answer: ${reason}.`,
});

function toAiReport(total: Usage['ai'], nodes: ReadonlyMap<string, NodeRecord>) {
  const by_stage = [...nodes].flatMap(([stage, { stats, cached }]) => {
    if (!stats?.ai || cached) return [];
    const { degraded: _, ...used } = stats.ai;
    return [{ stage, ...used }];
  });
  return { ...total, cache_hits: by_stage.reduce((sum, { cache_hits }) => sum + cache_hits, 0), by_stage, degraded: findDegraded(nodes) };
}

/** Null where no model is asked. */
const budgetOf = ({ ai, limits }: Settings, durationS: number): number | null =>
  ai ? (limits.budget_usd ?? toJobBudgetUsd(durationS)) : null;

function toStageLine(context: RunContext, id: string, { stats, cached, attempts }: NodeRecord) {
  const pool = context.graph.get(parseNodeId(id).stage)?.pool ?? '';
  const { wall_s = 0, cpu_s = 0, peak_memory_mb = 0, worker = '' } = stats ?? {};
  return { name: id, wall_s, cpu_s, peak_memory_mb, cached, attempts, pool, worker };
}

async function storeReport(report: unknown, to: { storage: Storage; scratchDir: string; tenant: string }): Promise<OutputFile> {
  await mkdir(to.scratchDir, { recursive: true });
  const folder = await mkdtemp(join(to.scratchDir, 'report-'));
  try {
    const path = join(folder, 'report.json');
    await writeFile(path, JSON.stringify(report, null, 2));
    const signal = AbortSignal.timeout(30_000);
    const blob = await storeBlob({ storage: to.storage, tenant: to.tenant, path, contentType: 'application/json', signal });
    return { name: 'report.json', kind: 'report', blob };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
