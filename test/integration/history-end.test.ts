import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobEvent } from '#contracts/job';
import { createEvents, type EndOf } from '#engine/events';
import { createOpener } from '#engine/opening';
import { createRunState } from '#engine/state';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, type RedisClient } from '#runtime/redis';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

const ref = { id: 'job_a', run: 1, tenant: 'local' };
const later = '2100-01-01T00:00:00.000Z';
const end: JobEvent = { id: `${Date.parse(later)}-0`, type: 'job.completed', timestamp: later, data: { job_id: 'job_a' } };
const goesOn: EndOf = async () => null;

let server: TestRedis;
let redis: RedisClient;

beforeAll(async () => {
  server = await startRedis();
  redis = createRedis({ url: server.url, role: 'worker', log: createLogger({ level: 'silent', name: 'history' }) });
});
afterAll(async () => {
  await closeRedis(redis);
  await server.close();
});
beforeEach(async () => {
  await redis.flushall();
  await createOpener(redis)({
    manifest: { id: 'job_a', tenant: 'local', priority: 'normal', external_id: null, batch_id: null },
    run: { number: 1, approved: false },
    event: { type: 'job.created', data: { job_id: 'job_a' } },
  });
});

/** The types of what a follower is told until its stream ends. */
async function follow(endOf: EndOf, after: string | null = null): Promise<string[]> {
  const told: string[] = [];
  const signal = AbortSignal.timeout(8_000);
  for await (const { type } of createEvents(redis, null).follow('job_a', { after, endOf, signal })) told.push(type);
  expect(signal.aborted).toBe(false);
  return told;
}

describe('a change of status and what is said of it', () => {
  it('are in the history together, in the order in which they were said, and once', async () => {
    const state = createRunState(redis);
    const said = [
      { type: 'job.degraded', data: {} },
      { type: 'job.completed', data: { job_id: 'job_a' } },
    ];
    expect(await state.transition(ref, 'completed', said)).toBe(true);
    expect(await state.transition(ref, 'completed', said)).toBe(false);
    expect(await state.transition(ref, 'processing', [{ type: 'job.started', data: {} }])).toBe(false);
    expect(await follow(goesOn)).toEqual(['job.created', 'job.degraded', 'job.completed']);
  });

  it('may be a change alone', async () => {
    expect(await createRunState(redis).transition(ref, 'processing', [])).toBe(true);
    expect((await createEvents(redis, null).list('job_a', null, goesOn)).map(({ type }) => type)).toEqual(['job.created']);
  });
});

describe('the end of a job', () => {
  it('is told from storage where the history lacks it', async () => {
    expect(await follow(async () => [end])).toEqual(['job.created', 'job.completed']);
    expect((await createEvents(redis, null).list('job_a', null, async () => [end])).map(({ type }) => type)).toEqual([
      'job.created',
      'job.completed',
    ]);
  });

  it('is told when it comes after the history was lost under a follower', async () => {
    let ended = false;
    setTimeout(() => {
      // after the first look, while the follower waits for the next
      ended = true;
      void redis.flushall();
    }, 1_500);
    expect(await follow(async () => (ended ? [end] : null))).toEqual(['job.created', 'job.completed']);
  });

  it('is told once, also to who comes back with the last event seen', async () => {
    const past = { ...end, timestamp: '2020-01-01T00:00:00.000Z' };
    await createRunState(redis).transition(ref, 'failed', [{ type: 'job.failed', data: {} }]);
    const events = createEvents(redis, null);
    expect((await events.list('job_a', null, async () => [past])).map(({ type }) => type)).toEqual(['job.created', 'job.failed']);
    const seen = (await events.list('job_a', null, goesOn)).at(-1)!.id;
    expect(await follow(async () => [past], seen)).toEqual([]);
  });

  it('of an earlier run ends no stream while a later run goes on', async () => {
    const state = createRunState(redis);
    await state.transition(ref, 'failed', [{ type: 'job.failed', data: {} }]);
    const events = createEvents(redis, null);
    await events.emit('job_a', { type: 'job.retry', data: { run: 2 } });
    setTimeout(() => void events.emit('job_a', { type: 'job.completed', data: {} }), 300); // while the follower waits
    expect(await follow(goesOn)).toEqual(['job.created', 'job.failed', 'job.retry', 'job.completed']);
  });

  it('is the end of the stream where the job is no more', async () => {
    await redis.flushall();
    expect(await follow(async () => [])).toEqual([]);
  });
});
