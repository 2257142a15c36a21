import { expect, test, vi } from 'vitest';
import type { JobStatus } from '#contracts/job';
import { type BatchRecord, createBatches } from '#engine/batches';
import { layout } from '#engine/layout';
import { createMemoryStorage } from '#storage/memory';

async function start(members: (string | null)[]) {
  const storage = createMemoryStorage();
  const jobs = new Map<string, { status: JobStatus; progress: number }>();
  const file = vi.fn(async (..._call: unknown[]) => undefined);
  const batches = createBatches({ storage, file, standing: async (_, id) => jobs.get(id) ?? null });
  const draft: BatchRecord = {
    v: 1,
    id: 'bat_1',
    created_at: new Date().toISOString(),
    settled: false,
    members: members.map((job_id, index) => ({ index, job_id, error: null })),
  };
  const batch = await batches.open('local', draft);
  const begin = async (id: string) => {
    jobs.set(id, { status: 'processing', progress: 40 });
    await storage.create(layout.openJob(id, 'local'), Buffer.alloc(0));
  };
  const end = async (id: string, status: JobStatus) => {
    jobs.set(id, { status, progress: 40 });
    await storage.delete(layout.openJob(id, 'local'));
    await batches.conclude('local', 'bat_1');
  };
  const isOpen = async () => (await storage.stat(layout.openBatch('bat_1', 'local'))) !== null;
  for (const id of members) if (id) await begin(id);
  return { batches, batch, begin, end, file, isOpen, storage };
}

test('the last member’s end is the batch’s, said once with the counts', async () => {
  const { batches, batch, end, file, isOpen } = await start(['a', null, 'b']);
  await batches.settle('local', batch);
  await end('b', 'failed');
  expect(file).not.toHaveBeenCalled();
  await end('a', 'completed');
  expect(file).toHaveBeenCalledOnce();
  const data = { total: 3, refused: 1, finished: true, progress: 100, counts: { completed: 1, failed: 1, queued: 0 } };
  expect(file.mock.calls[0]).toMatchObject(['local', null, { type: 'batch.completed', data }, null]);
  expect(await isOpen()).toBe(false);
});

test('members that end while others are still being accepted end nothing yet', async () => {
  const { batches, batch, end, file } = await start(['a']);
  await end('a', 'completed');
  expect(file).not.toHaveBeenCalled();
  await batches.settle('local', batch);
  expect(file).toHaveBeenCalledOnce();
});

test('a batch of which every member was refused is complete at once', async () => {
  const { batches, batch, file } = await start([null]);
  await batches.settle('local', batch);
  expect(file.mock.calls[0]?.[2]).toMatchObject({ data: { total: 1, refused: 1, progress: 100, finished: true } });
});

test('whoever dies before it was said, the next one says the same under the same id', async () => {
  const { batches, batch, end, begin, file, isOpen } = await start(['a']);
  await batches.settle('local', batch);
  file.mockRejectedValueOnce(new Error('Redis is away'));
  await expect(end('a', 'failed')).rejects.toThrow('Redis is away');
  expect(await isOpen()).toBe(true);
  await batches.conclude('local', 'bat_1');
  expect(file.mock.calls[1]).toEqual(file.mock.calls[0]);
  expect(await isOpen()).toBe(false);

  await begin('a'); // a retry
  await end('a', 'completed');
  expect(file).toHaveBeenCalledTimes(2);
});

test('a batch whose maker died before it answered is forgotten after a day', async () => {
  const { batches, isOpen, storage } = await start(['a']);
  await batches.conclude('local', 'bat_1');
  expect(await isOpen()).toBe(true);
  const old: BatchRecord = { v: 1, id: 'bat_1', created_at: '2026-01-01T00:00:00.000Z', settled: false, members: [] };
  await storage.put(layout.batch('local', 'bat_1'), Buffer.from(JSON.stringify(old)));
  await batches.conclude('local', 'bat_1');
  expect(await isOpen()).toBe(false);
});
