import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { keyPrefix } from '#engine/state';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { createToyEngine, emptyFilm, type ToyEngine } from '../helpers/toy-engine.ts';

let redis: TestRedis;
let toy: ToyEngine;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  toy = await createToyEngine(redis.url);
  await toy.redis.flushall();
});
afterEach(() => toy.close());

const reconciler = (owner: string) =>
  toy.engine.reconciler({
    owner,
    leaseMs: 30_000,
    onRepair: () => undefined,
    onOutbox: () => undefined,
    onFault: (fault) => Promise.reject(fault),
  });
const allNodes = ['cut', 'poster', 'scene.0', 'scene.1', 'scene.2', 'script'];

describe('the engine on a real queue', () => {
  it('takes a job through every node once and ends it once', async () => {
    const job = await toy.post('film');
    const view = await toy.ended(job.id);
    expect(view.status).toBe('completed');
    expect(view.progress).toBe(100);
    expect(view.stages.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done']);
    expect([...toy.runs].sort()).toEqual(allNodes);
    expect(toy.outcomes).toHaveLength(1);
  });

  it('takes a job past a fan-out that has no items', async () => {
    const view = await toy.ended((await toy.post(emptyFilm)).id);
    expect(view.status).toBe('completed');
    expect(view.progress).toBe(100);
    expect([...toy.runs].sort()).toEqual(['cut', 'poster', 'script']);
  });

  it('runs nothing for a second job with the same input, and says that all of it was cached', async () => {
    await toy.ended((await toy.post('film')).id);
    toy.runs.length = 0;
    const view = await toy.ended((await toy.post('film')).id);
    expect(toy.runs).toEqual([]);
    expect(view.stages.every(({ cached }) => cached)).toBe(true);
  });

  it('tells progress that never falls and stays below 100 until the end', async () => {
    const job = await toy.post('progress');
    const seen: number[] = [];
    for await (const event of toy.engine.events.follow('local', job.id, null, AbortSignal.timeout(15_000))) {
      if (event.type === 'job.progress') seen.push(event.data['progress'] as number);
    }
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(Math.max(...seen)).toBeLessThan(100);
  });

  it('finishes a job whose Redis was wiped in the middle, running again only what was not filed', async () => {
    let wiped = false;
    toy.behaviour.before = async (node) => {
      if (node !== 'cut' || wiped) return;
      wiped = true;
      await toy.redis.flushall();
    };
    const job = await toy.post('wiped');
    await expect.poll(() => wiped, { timeout: 10_000 }).toBe(true);
    const leader = reconciler('a');
    const look = async () => {
      await leader.pass();
      return (await toy.engine.jobs.view('local', job.id))?.status;
    };
    await expect.poll(look, { timeout: 15_000 }).toBe('completed');
    expect(toy.runs.filter((node) => node !== 'cut').sort()).toEqual(allNodes.filter((node) => node !== 'cut'));
    expect(toy.outcomes).toHaveLength(1);
    const listed = await toy.engine.jobs.list('local', { status: 'completed' }, { limit: 10 });
    expect(listed.data.map(({ id }) => id)).toContain(job.id);
  });

  it('lets one of two reconcilers lead, and the other when it resigns', async () => {
    const [first, second] = [reconciler('first'), reconciler('second')];
    expect([await first.pass(), await second.pass()]).toEqual([true, false]);
    await first.resign();
    expect(await second.pass()).toBe(true);
  });

  it('drops what a cancelled job still commits', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    toy.behaviour.before = (node) => (node === 'poster' ? held : undefined);
    const job = await toy.post('cancelled');
    await expect.poll(() => toy.runs.includes('script'), { timeout: 10_000 }).toBe(true);
    expect(await toy.engine.jobs.cancel('local', job.id)).toBe('cancelled');
    release();
    const view = await toy.ended(job.id);
    expect(view.status).toBe('cancelled');
    expect(await toy.engine.jobs.cancel('local', job.id)).toBe('cancelled');
    expect(toy.runs).not.toContain('cut');
  });

  it('keeps what is done when a failed job is retried', async () => {
    toy.behaviour.before = (node) => {
      if (node === 'cut') throw new CutroomError('TOOL_FAILED', 'scissors are blunt');
    };
    const job = await toy.post('retried');
    const failed = await toy.ended(job.id);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'TOOL_FAILED', stage: 'cut', message: 'scissors are blunt' } });
    toy.behaviour.before = () => undefined;
    toy.runs.length = 0;
    expect(await toy.engine.jobs.retry('local', job.id, [])).toBe('retried');
    await expect.poll(async () => (await toy.engine.jobs.view('local', job.id))?.status, { timeout: 10_000 }).toBe('completed');
    expect(toy.runs).toEqual(['cut']);
  });

  it('runs a stage afresh, and what depends on it, when a retry asks for that', async () => {
    const job = await toy.post('fresh');
    await toy.ended(job.id);
    toy.runs.length = 0;
    expect(await toy.engine.jobs.retry('local', job.id, ['poster'])).toBe('retried');
    await expect.poll(async () => (await toy.engine.jobs.view('local', job.id))?.status, { timeout: 10_000 }).toBe('completed');
    expect(toy.runs).toEqual(['poster']);
  });

  it('waits for a person where a review was asked for, and goes on after the approval', async () => {
    const job = await toy.post('reviewed', { review: true });
    await expect.poll(async () => (await toy.engine.jobs.view('local', job.id))?.status, { timeout: 10_000 }).toBe('awaiting_review');
    expect(toy.runs).not.toContain('poster');
    expect(await toy.engine.jobs.approve('local', job.id)).toBe('approved');
    expect((await toy.ended(job.id)).status).toBe('completed');
  });

  it('goes on when Redis failed between the last item of a fan-out and the word that the stage is whole', async () => {
    const job = await toy.post('interrupted', { review: true });
    await expect.poll(async () => (await toy.engine.jobs.view('local', job.id))?.status, { timeout: 10_000 }).toBe('awaiting_review');
    await expect.poll(() => toy.redis.hdel(`{cutroom}:v1:run:${job.id}:1:done`, 'scene'), { timeout: 10_000 }).toBe(1);
    await toy.engine.jobs.approve('local', job.id);
    await reconciler('finder').pass();
    expect((await toy.ended(job.id)).status).toBe('completed');
    expect(toy.runs.toSorted()).toEqual(allNodes);
  });

  it('shows a job as ended whose end Redis has forgotten, and tells Redis', async () => {
    const { id } = await toy.ended((await toy.post('film')).id);
    const key = `${keyPrefix}:job:${id}`;
    await toy.redis.hset(key, 'status', 'processing'); // as after a file that was cut short; nothing marks the job as open any more
    expect((await toy.engine.jobs.view('local', id))?.status).toBe('completed');
    await expect.poll(() => toy.redis.hget(key, 'status')).toBe('completed');
  });

  it('tells the end of a job whose history has gone', async () => {
    const job = await toy.post('forgotten');
    await toy.ended(job.id);
    await toy.redis.del(`{cutroom}:v1:events:${job.id}`);
    expect((await toy.ended(job.id)).status).toBe('completed');
    const told = await toy.engine.events.list('local', job.id, null);
    expect(told).toMatchObject([{ type: 'job.completed', data: { job_id: job.id, status: 'completed' } }]);
    expect(await toy.engine.events.list('local', job.id, told?.[0]?.id ?? null)).toEqual([]);
  });

  it('ends a job that is past its deadline', async () => {
    toy.behaviour.before = () => new Promise((resolve) => setTimeout(resolve, 50)); // an attempt that outlasts the deadline
    const job = await toy.post('late', { limits: { timeout_s: -1, max_memory_mb: 1, budget_usd: 0 } });
    await reconciler('a').pass();
    expect((await toy.ended(job.id)).error?.code).toBe('JOB_TIMEOUT');
  });

  it('shows another tenant exactly what it shows of a job that never was', async () => {
    const job = await toy.post('secret');
    expect(await toy.engine.jobs.view('other', job.id)).toBeNull();
    expect(await toy.engine.jobs.cancel('other', job.id)).toBeNull();
    expect(await toy.engine.events.list('other', job.id, null)).toBeNull();
    await toy.ended(job.id);
  });
});
