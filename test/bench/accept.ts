import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { startRedis } from '../helpers/redis.ts';
import { type Service, startService } from '../helpers/service.ts';
import { readTools } from '../helpers/tools.ts';
import { type FloodResult, flood, percentile } from './flood.ts';
import type { BenchResult } from './judge.ts';

/**
 * Callers at once where the promise is judged. An accepted job waits for the disk and a bare add does not: few callers
 * would measure the disk's latency, many measure what a job costs. A bare add is at its best with 32 and no slower with these.
 */
const judgedAt = 128;
const others = [1, 8, 32];
const steadyRate = 200;
const steadyS = 8;
/** Both sides in turns, so that a neighbour on the machine slows both. */
const rounds = 4;
const roundS = 1;

/** Job creations through the whole API, durable manifest included, against bare awaited `queue.add` in the same run. */
export async function benchAccept(): Promise<BenchResult> {
  const redis = await startRedis();
  const service = await startService({ redis, separateWorkers: 0, env: { CUTROOM_LOG_LEVEL: 'error' } });
  const { hostname, port } = new URL(redis.url);
  const queue = new Queue('bare', { connection: { host: hostname, port: Number(port) } });
  try {
    const request = { url: `${service.url}/v1/jobs`, body: JSON.stringify({ input: { asset_id: await uploadClip(service) } }) };
    await compare({ queue, request, callers: judgedAt, rounds: 2 }); // warms both sides up
    const judged = await compare({ queue, request, callers: judgedAt, rounds });
    const steady = await flood({ ...request, connections: 32, seconds: steadyS, rate: steadyRate });
    const facts: BenchResult['facts'] = { 'load of the machine': loadavg()[0]!.toFixed(1), ...toFacts(judgedAt, judged) };
    for (const callers of others) Object.assign(facts, toFacts(callers, await compare({ queue, request, callers, rounds })));
    return {
      figures: {
        accept_ratio: { value: judged.accepted / judged.bare, atLeast: 0.5, unit: `× bare queue.add with ${judgedAt} callers` },
        p99_ms: { value: percentile(steady.latencies, 0.99), atMost: 50, unit: `ms at ${steadyRate}/s` },
        refused: { value: judged.refused + steady.refused, atMost: 0, unit: 'answers' },
      },
      facts,
    };
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
    await service.close();
    await redis.close();
  }
}

interface Comparison {
  /** Jobs per second. */
  accepted: number;
  bare: number;
  refused: number;
  p50Ms: number;
}

interface CompareOptions {
  queue: Queue;
  request: { url: string; body: string };
  callers: number;
  rounds: number;
}

async function compare({ queue, request, callers, rounds }: CompareOptions): Promise<Comparison> {
  const bare: number[] = [];
  const flooded: FloodResult[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await addBare(queue, callers));
    flooded.push(await flood({ ...request, connections: callers, seconds: roundS }));
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    accepted: mean(flooded.map(({ perSecond }) => perSecond)),
    bare: mean(bare),
    refused: flooded.reduce((sum, { refused }) => sum + refused, 0),
    p50Ms: mean(flooded.map(({ latencies }) => percentile(latencies, 0.5))),
  };
}

const toFacts = (callers: number, { accepted, bare, p50Ms }: Comparison): BenchResult['facts'] => ({
  [`with ${callers}`]: `${Math.round(accepted)}/s of ${Math.round(bare)}/s = ${(accepted / bare).toFixed(3)}, p50 ${p50Ms.toFixed(1)} ms`,
});

async function uploadClip(service: Service): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-bench-'));
  const path = join(folder, 'clip.mp4');
  const { ffmpeg } = readTools();
  execFileSync(ffmpeg.path, ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=2', '-f', 'lavfi', '-i', 'sine=d=2', path]);
  const form = new FormData();
  const { openAsBlob } = await import('node:fs');
  form.set('file', await openAsBlob(path), 'clip.mp4');
  const answer = await fetch(`${service.url}/v1/assets`, { method: 'POST', body: form });
  rmSync(folder, { recursive: true });
  if (answer.status !== 201) throw new Error(`upload answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** As many callers as the API has, each awaiting its add before the next. Adds per second. */
async function addBare(queue: Queue, callers: number): Promise<number> {
  const startedMs = performance.now();
  const endsMs = startedMs + roundS * 1_000;
  let added = 0;
  const caller = async () => {
    while (performance.now() < endsMs) {
      await queue.add(
        'job',
        { tenant: 'local', id: `job_${added}`, run: 1, node: 'fetch' },
        { jobId: `bare-${startedMs}-${added++}`, removeOnComplete: true, priority: 10 },
      );
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return added / ((performance.now() - startedMs) / 1_000);
}
