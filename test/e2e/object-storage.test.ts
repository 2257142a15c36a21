import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobView } from '#contracts/job';
import { createClient } from '../helpers/client.ts';
import { type FakeS3, startFakeS3 } from '../helpers/fake-s3.ts';
import { makeTalk } from '../helpers/footage.ts';
import { type ServiceOptions, startService } from '../helpers/service.ts';
import '../helpers/scratch.ts';

let folder: string;
let bucket: FakeS3;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-e2e-'));
  bucket = await startFakeS3({ pageKeys: 1000 });
});
afterAll(async () => {
  await bucket.close();
  rmSync(folder, { recursive: true, force: true });
});

async function editOn(options: ServiceOptions): Promise<JobView> {
  const service = await startService(options);
  try {
    const client = createClient(service.url);
    const path = makeTalk(join(folder, `${options.apart}.mp4`), { seconds: 40, size: '320x180' });
    return await client.edit(path, { features: { preview: false, thumbnails: { count: 1 } } });
  } finally {
    await service.close();
  }
}

const videoOf = (job: JobView) => job.outputs.find(({ name }) => name === 'video.mp4')?.sha256;

it('makes the same bytes on two machines that share only a bucket as on one with a disk', async () => {
  const storage = { CUTROOM_STORAGE_URL: bucket.url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const [apart, together] = [await editOn({ separateWorkers: 2, apart: true, env: storage }), await editOn({ separateWorkers: 1 })];
  expect(apart.error).toBeNull();
  expect(apart.status).toBe('completed');
  expect(videoOf(apart)).toBeDefined();
  expect(videoOf(apart)).toBe(videoOf(together));
  expect([...bucket.objects.keys()].filter((key) => !key.startsWith('cut/room/'))).toEqual([]);
}, 120_000);
