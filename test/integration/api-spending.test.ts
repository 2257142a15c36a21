import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger } from '#runtime/ledger';
import { startApi, type TestApi } from '../helpers/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const day = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
const ask = async (query = '') => (await api.app.inject({ method: 'GET', url: `/v1/system/spending${query}` })).json();

test('tells what a tenant paid by day and job: what is settled, and all of what is open', async () => {
  const ledger = createLedger(api.storage);
  const line = (id: string, job: string, back = 0, tenant = 'local') => ({ day: day(back), tenant, job, id, reservedMicro: 30_000 });
  for (const each of [line('a', 'job_1'), line('b', 'job_1'), line('c', 'job_2'), line('d', 'job_1', 1), line('e', 'job_3', 0, 'other')]) {
    await ledger.reserve(each);
  }
  await ledger.settle(line('a', 'job_1'), 1_000);
  await ledger.settle(line('c', 'job_2'), 20_000);
  const { data } = await ask('?days=2');
  expect(data).toEqual([
    {
      day: day(0),
      calls: 3,
      usd: 0.051,
      jobs: [
        { job_id: 'job_1', calls: 2, usd: 0.031 },
        { job_id: 'job_2', calls: 1, usd: 0.02 },
      ],
    },
    { day: day(1), calls: 1, usd: 0.03, jobs: [{ job_id: 'job_1', calls: 1, usd: 0.03 }] },
  ]);
});

test('a week unless asked otherwise, a month at most', async () => {
  expect((await ask()).data).toHaveLength(7);
  expect((await ask('?days=32')).errors[0].pointer).toBe('/days');
});
