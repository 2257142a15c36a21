import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';
import type { BenchResult } from './judge.ts';
import { onlyVideo, runJob, spanOf } from './render-run.ts';
import { type Footage, makeFootage } from './sources.ts';

const alone = { CUTROOM_LOG_LEVEL: 'warn', CUTROOM_RENDER_CONCURRENCY: '1' };

/** The same pieces by one and by two render workers of one slot and one thread each, other work done by a third process. */
export async function benchWorkers({ full }: { full: boolean }): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-bench-workers-'));
  try {
    const footage = makeFootage('talk', { seconds: full ? 600 : 180, folder });
    const [one, two] = [await timePieces(footage, folder, 1), await timePieces(footage, folder, 2)];
    return {
      figures: { two_workers_speedup: { value: one.seconds / two.seconds, atLeast: 1.8, unit: '× one worker' } },
      facts: {
        source: footage.about,
        'pieces, threads each': `${one.pieces}, ${one.threads}`,
        'one, two workers (s)': `${one.seconds.toFixed(2)}, ${two.seconds.toFixed(2)}`,
        'not measured': 'workers in separate network namespaces',
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timePieces(footage: Footage, folder: string, workers: number) {
  const service = await startService({ pools: 'prepare,ai,deliver', separateWorkers: 1, env: alone });
  try {
    for (let index = 0; index < workers; index++) await service.startWorker('render');
    const ground = { client: createClient(service.url), service, folder, full: false };
    const { job, report } = await runJob(ground, footage, { features: { ...onlyVideo, smart_render: false } });
    return { seconds: spanOf(job, ['render-chunk']), pieces: report.render.chunks, threads: report.render.encoder.threads };
  } finally {
    await service.close();
  }
}
