import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobView } from '#contracts/job';
import { type Client, createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { processesOf } from '../helpers/leftovers.ts';
import { type Service, startService } from '../helpers/service.ts';
import '../helpers/scratch.ts';

let service: Service;
let client: Client;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-e2e-'));
  service = await startService({ separateWorkers: 2 });
  client = createClient(service.url);
});
afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const encoders = () => processesOf(join(service.dataDir, 'scratch')).filter((line) => line.includes('ffmpeg'));
const isRendering = (job: JobView) => job.stages.some(({ name, status }) => name === 'render-chunk' && status === 'running');
const scratch = () => readdirSync(join(service.dataDir, 'scratch'), { recursive: true });

describe('death and cancellation', () => {
  it('loses no job and doubles none when workers are killed ten times over ten jobs', async () => {
    const jobs: JobView[] = [];
    for (let index = 0; index < 10; index++) {
      const path = makeTalk(join(folder, `${index}.mp4`), { seconds: 12, size: '1280x720', rate: String(24 + index) });
      jobs.push(await client.create({ input: { asset_id: (await client.upload(path)).id }, mode: 'high_quality' }));
    }
    for (let kill = 0; kill < 10; kill++) {
      const busy = async () => (await Promise.all(jobs.map(({ id }) => client.job(id)))).some(isRendering);
      await expect.poll(busy, { timeout: 60_000, interval: 20 }).toBe(true);
      await delay(Math.random() * 800); // a random moment of the render is the point
      await service.killWorker('SIGKILL');
      await service.startWorker();
    }
    const ended = await Promise.all(jobs.map(({ id }) => client.ended(id)));
    expect(ended.map(({ error }) => error)).toEqual(ended.map(() => null));
    expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 'completed'));
    for (const { id, outputs } of ended) {
      const terminal = (await (await fetch(`${service.url}/v1/jobs/${id}/events`)).json()) as { data: { type: string }[] };
      expect(terminal.data.filter(({ type }) => type === 'job.completed')).toHaveLength(1);
      expect(outputs.filter(({ name }) => name === 'video.mp4')).toHaveLength(1);
    }
  }, 300_000);

  it('leaves no encoder behind a killed worker', async () => {
    const path = makeTalk(join(folder, 'orphan.mp4'), { seconds: 30, size: '1920x1080' });
    const job = await client.create({ input: { asset_id: (await client.upload(path)).id }, mode: 'high_quality', quality: 'ultra' });
    await expect
      .poll(async () => isRendering(await client.job(job.id)) && encoders().length > 0, { timeout: 60_000, interval: 20 })
      .toBe(true);
    await service.killWorker('SIGKILL');
    await service.killWorker('SIGKILL');
    await expect.poll(() => encoders(), { timeout: 3_000, interval: 50 }).toEqual([]);
  });

  it('ends ffmpeg within two seconds of a cancellation and leaves the scratch folder empty', async () => {
    const path = makeTalk(join(folder, 'cancel.mp4'), { seconds: 30, size: '1920x1080' });
    const job = await client.create({ input: { asset_id: (await client.upload(path)).id }, mode: 'high_quality', quality: 'ultra' });
    await expect
      .poll(async () => isRendering(await client.job(job.id)) && encoders().length > 0, { timeout: 60_000, interval: 20 })
      .toBe(true);
    expect((await client.post(`/v1/jobs/${job.id}/cancel`)).status).toBe(202);
    await expect.poll(() => encoders(), { timeout: 2_000, interval: 20 }).toEqual([]);
    await expect.poll(scratch, { timeout: 2_000 }).toEqual([]);
    expect((await client.ended(job.id)).status).toBe('cancelled');
    expect((await client.post(`/v1/jobs/${job.id}/cancel`)).status).toBe(409);
  });
});
