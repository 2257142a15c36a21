import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { Queue } from 'bullmq';
import { startRedis } from '../helpers/redis.ts';
import { type Service, startService } from '../helpers/service.ts';
import { readTools } from '../helpers/tools.ts';
import type { BenchResult } from './judge.ts';

const connections = 32;
const seconds = 8;
const steadyRate = 200;

/** Job creations through the whole API, durable manifest included, against bare awaited `queue.add` in the same run. */
export async function benchAccept(): Promise<BenchResult> {
  const redis = await startRedis();
  const service = await startService({ redis, separateWorkers: 0, env: { CUTROOM_LOG_LEVEL: 'error' } });
  try {
    const body = JSON.stringify({ input: { asset_id: await uploadClip(service) } });
    await flood(service, body, { duration: 2 }); // warms both sides up
    const bare = await bareAdds(redis.url);
    const flooded = await flood(service, body, { duration: seconds });
    const steady = await flood(service, body, { duration: seconds, overallRate: steadyRate });
    const rate = flooded['2xx'] / flooded.duration;
    return {
      figures: {
        accept_ratio: { value: rate / bare, atLeast: 0.5, unit: '× bare queue.add' },
        p99_ms: { value: steady.latency.p99, atMost: 50, unit: `ms at ${steadyRate}/s` },
        refused: { value: flooded.non2xx + steady.non2xx + flooded.errors + steady.errors, atMost: 0, unit: 'answers' },
      },
      facts: {
        connections,
        'accepted per s': Math.round(rate),
        'bare adds per s': Math.round(bare),
        'p50 when flooded (ms)': flooded.latency.p50,
      },
    };
  } finally {
    await service.close();
    await redis.close();
  }
}

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

const flood = (service: Service, body: string, options: { duration: number; overallRate?: number }) =>
  autocannon({
    url: `${service.url}/v1/jobs`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    connections,
    ...options,
  });

/** As many callers as the API has, each awaiting its add before the next. */
async function bareAdds(redisUrl: string): Promise<number> {
  const { hostname, port } = new URL(redisUrl);
  const queue = new Queue('bare', { connection: { host: hostname, port: Number(port) } });
  await queue.waitUntilReady();
  const endsMs = performance.now() + seconds * 1000;
  const startedMs = performance.now();
  let count = 0;
  const caller = async () => {
    while (performance.now() < endsMs) {
      await queue.add(
        'job',
        { tenant: 'local', id: `job_${count}`, run: 1, node: 'fetch' },
        { jobId: `bare-${count++}`, removeOnComplete: true, priority: 10 },
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  const rate = count / ((performance.now() - startedMs) / 1000);
  await queue.obliterate({ force: true });
  await queue.close();
  return rate;
}
