import { afterEach, expect, test } from 'vitest';
import { type Service, startService } from '../helpers/service.ts';

let service: Service | null = null;
afterEach(async () => {
  await service?.close();
  service = null;
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('the process says where it listens, is ready, and ends on SIGTERM although a stream is open', { timeout: 60_000 }, async () => {
  service = await startService({ separateWorkers: 0 });
  const { url, apiPid } = service;
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ ready: true });
  const form = new FormData();
  form.append('file', new Blob(['not a video']), 'a.mp4');
  const refused = await fetch(`${url}/v1/assets`, { method: 'POST', body: form });
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([422, 'SOURCE_UNREADABLE']);
  const job = (await (
    await fetch(`${url}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: { url: 'http://127.0.0.1:9/none.mp4' } }),
    })
  ).json()) as { id: string };
  const stream = await fetch(`${url}/v1/jobs/${job.id}/events`, { headers: { accept: 'text/event-stream' } });
  const reader = stream.body!.getReader();
  await reader.read();
  const startedMs = Date.now();
  process.kill(apiPid, 'SIGTERM');
  await expect.poll(() => isAlive(apiPid), { timeout: 15_000 }).toBe(false);
  expect(Date.now() - startedMs).toBeLessThan(12_000);
  while (!(await reader.read()).done);
});

test('it ends within 15 s on SIGTERM with Redis gone', { timeout: 60_000 }, async () => {
  service = await startService({ separateWorkers: 0 });
  const { redis, apiPid } = service;
  await redis.kill();
  process.kill(apiPid, 'SIGTERM');
  await expect.poll(() => isAlive(apiPid), { timeout: 15_000 }).toBe(false);
  await redis.restart();
});
