import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, it, onTestFinished } from 'vitest';
import { createId } from '#contracts/ids';
import { sweepUploads } from '../../apps/api/uploads/sweep.ts';

const count = 1_000;
const dayMs = 86_400_000;

it('T13b: of a thousand complete and a thousand partial uploads, all expired, the partial ones go and every complete one is filed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cutroom-sweep-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const folder = join(dir, 'local');
  mkdirSync(folder);
  const upload = (bytes: number): string => {
    const id = createId('ast');
    const creation_date = new Date(Date.now() - 2 * dayMs).toISOString();
    writeFileSync(join(folder, id), Buffer.alloc(bytes));
    // The store writes `offset` once and never again: 0 says nothing.
    writeFileSync(join(folder, `${id}.json`), JSON.stringify({ id, size: 8, offset: 0, metadata: {}, creation_date }));
    return id;
  };
  const complete = Array.from({ length: count }, () => upload(8));
  const partial = Array.from({ length: count }, () => upload(3));
  const filed: string[] = [];
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await sweepUploads({
    dir,
    finish: async ({ id }) => void filed.push(id),
    log: { warn: () => expect.unreachable('nothing fails here') },
  });
  delay.disable();
  expect(filed.sort()).toEqual(complete.sort());
  const left = readdirSync(folder);
  expect(partial.filter((id) => left.includes(id))).toEqual([]);
  expect(left.sort()).toEqual(partial.map((id) => `${id}.json`).sort()); // which answer 410 for a week
  expect(delay.percentile(99) / 1e6).toBeLessThanOrEqual(50);
});
