import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layout } from '#engine/layout';
import { newestThatFit } from '#engine/retention/mark';
import { createQuarantine } from '#engine/retention/quarantine';
import { createWorld, dayMs, policy, type WantedJob } from '../helpers/retention-world.ts';

/** Everything in the storage was written just now, so the sweep is told that it is later. */
const laterMs = Date.now() + 100 * dayMs;
const job = fc.record<WantedJob>({
  footage: fc.integer({ min: 0, max: 2 }),
  endedDaysAgo: fc.constantFrom(null, 0.5, 3, 10, 25, 40),
  filed: fc.integer({ min: 0, max: 3 }),
});

describe('the retention sweep', () => {
  it('leaves exactly what the model needs: all of open jobs, what its age allows of ended ones, nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 6 }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), async (jobs, expired) => {
        const world = await createWorld(laterMs);
        const assets = await Promise.all(expired.map((isOver, footage) => world.addAsset(footage, isOver)));
        for (const { footage, endedDaysAgo } of jobs) {
          // Jobs of one footage have their artifacts in common, whoever made them.
          const filed = Math.max(...jobs.filter((other) => other.footage === footage).map((other) => other.filed));
          await world.addJob({ footage, endedDaysAgo, filed }, assets[footage] as (typeof assets)[number]);
        }
        await world.sweep(laterMs);
        await world.sweep(laterMs + 1.1 * dayMs);
        expect(await world.left()).toEqual([...world.needed].sort());
      }),
      { numRuns: 30 },
    );
  });

  it('deletes nothing at first sight: what nobody needs waits in quarantine', async () => {
    const world = await createWorld(laterMs);
    await world.addJob({ footage: 0, endedDaysAgo: 40, filed: 3 }, await world.addAsset(0, true));
    const { artifacts, blobs } = await world.sweep(laterMs);
    expect({ artifacts, blobs }).toEqual({ artifacts: 0, blobs: 0 });
    expect(await world.sweep(laterMs + 0.5 * dayMs)).toMatchObject({ blobs: 0 });
    expect(await world.sweep(laterMs + 1.1 * dayMs)).toMatchObject({ artifacts: 3, blobs: 5 });
  });

  it('touches nothing younger than a day, whoever needs it', async () => {
    const world = await createWorld(Date.now());
    await world.addJob({ footage: 0, endedDaysAgo: 40, filed: 3 }, await world.addAsset(0, true));
    const rules = { ...policy, quarantineMs: 0 };
    expect(await world.sweep(Date.now(), { rules })).toMatchObject({ artifacts: 0, blobs: 0 });
  });

  it('does not wait on a disk that is nearly full, and spares open jobs all the same', async () => {
    const world = await createWorld(laterMs);
    const asset = await world.addAsset(0, false);
    await world.addJob({ footage: 0, endedDaysAgo: null, filed: 3 }, asset);
    await world.addJob({ footage: 1, endedDaysAgo: 0.5, filed: 3 }, asset);
    expect(await world.sweep(laterMs, { tight: true })).toMatchObject({ artifacts: 2, blobs: 2 });
    const left = await world.left();
    for (const key of world.needed) if (!left.includes(key)) expect(key).toMatch(/scene/);
  });

  it('spares what a job has begun to rely on while it waited in quarantine', async () => {
    const world = await createWorld(laterMs);
    const { storage } = world;
    const address = { tenant: 'local', stage: 'draft', makes: 'toy_draft', key: 'k' };
    const at = layout.artifact('local', 'draft', 'k');
    const blob = { key: layout.blob('local', 'old'), bytes: 3 };
    const record = {
      v: 1 as const,
      stage: 'draft',
      digest: 'd',
      value: { blob },
      stats: null as never,
      made_at: new Date(0).toISOString(),
    };
    await storage.create(at, Buffer.from(JSON.stringify(record)));
    await storage.create(blob.key, Buffer.from('old'));
    await world.sweep(laterMs);
    expect(await createQuarantine(storage).rescue(address, record)).toBe(true);
    await world.sweep(laterMs + 1.1 * dayMs);
    expect(await world.left()).toEqual([at, blob.key].sort());
    await world.sweep(laterMs + 2.2 * dayMs);
    expect(await world.left()).toEqual([]);
    expect(await createQuarantine(storage).rescue(address, record)).toBe(false);
  });
});

describe('the pieces that are kept', () => {
  const pieces = (endedMs: number, ...blobs: [string, number][]) => ({
    endedMs,
    items: blobs.map(([key, bytes]) => ({ at: `at ${key}`, blobs: [{ key, bytes }], isItem: true })),
  });

  it('are the newest that fit together; what jobs share counts once', () => {
    const all = [pieces(1, ['a', 60]), pieces(3, ['b', 50], ['c', 10]), pieces(2, ['b', 50], ['d', 20])];
    expect(newestThatFit(all, 100).map(({ endedMs }) => endedMs)).toEqual([3, 2]);
    expect(newestThatFit(all, 70).map(({ endedMs }) => endedMs)).toEqual([3]);
    expect(newestThatFit(all, 10)).toEqual([]);
  });
});
