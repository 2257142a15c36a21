import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobView } from '#contracts/job';
import { createClient } from '../helpers/client.ts';
import { type FakeS3, startFakeS3 } from '../helpers/fake-s3.ts';
import { makeTalk } from '../helpers/footage.ts';
import { createNamespace, openSocketFile, whyNoNamespaces } from '../helpers/namespaces.ts';
import { startRedis } from '../helpers/redis.ts';
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

const inBucket = () => ({ CUTROOM_STORAGE_URL: bucket.url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
const videoOf = (job: JobView) => job.outputs.find(({ name }) => name === 'video.mp4')?.sha256;
/** Long enough for pieces of one thread: x264 with more makes equal pictures of unequal bytes. */
const longS = 130;
const onOneDisk = { separateWorkers: 1 };
const noNamespaces = whyNoNamespaces();

async function editOn(options: ServiceOptions): Promise<JobView> {
  const service = await startService(options);
  try {
    const client = createClient(service.url);
    const path = makeTalk(join(folder, `${options.apart}.mp4`), { seconds: longS, size: '160x90' });
    const job = await client.edit(path, { features: { preview: false, thumbnails: false, metadata: false } });
    expect(job.error).toBeNull();
    expect(job.status).toBe('completed');
    return job;
  } finally {
    await service.close();
  }
}

/** Two workers, each in a network of its own; Redis is reached by a socket file, the bucket by one forwarded port. */
async function editInNamespaces(): Promise<JobView> {
  const socketPath = join(folder, 'redis.sock');
  const way = { port: bucket.port, socketPath: join(folder, 'bucket.sock') };
  const redis = await startRedis({ args: ['--unixsocket', socketPath] });
  const forward = await openSocketFile(way.socketPath, way.port);
  const rooms = await Promise.all(['a', 'b'].map((name) => createNamespace(`cutroom-${process.pid}-${name}`, way)));
  try {
    const env = { ...inBucket(), REDIS_URL: `unix:${socketPath}` };
    return await editOn({ separateWorkers: 2, apart: true, env, redis, workerPrefixes: rooms.map(({ prefix }) => prefix) });
  } finally {
    await Promise.all(rooms.map((room) => room.close()));
    await forward.close();
    await redis.close();
  }
}

const whereApart = noNamespaces ? `on one network (${noNamespaces})` : 'in two network namespaces';

it(`makes the same bytes with two workers ${whereApart} that share only a bucket as on one disk`, async () => {
  const apart = noNamespaces ? await editOn({ separateWorkers: 2, apart: true, env: inBucket() }) : await editInNamespaces();
  expect(videoOf(apart)).toBeDefined();
  expect(videoOf(apart)).toBe(videoOf(await editOn(onOneDisk)));
  expect([...bucket.objects.keys()].filter((key) => !key.startsWith('cut/room/'))).toEqual([]);
}, 240_000);
