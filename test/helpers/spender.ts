import { createBudget } from '#runtime/budget';
import { createFileStorage } from '#storage/file';
import { connect, leave, readOptions, tell, workThrough } from './crew-member.ts';
import { askToyProvider } from './toy-provider.ts';

export interface SpenderOptions {
  redisUrl: string;
  storageRoot: string;
  providerUrl: string;
  name: string;
  jobs: string[];
  tenantDayUsd: number;
  callUsd: number;
}

export interface Spent {
  job: string;
  outcome: 'paid' | 'exhausted';
}

/** Pays for one call per job, as long as it may. */
const { redisUrl, storageRoot, providerUrl, name, jobs, tenantDayUsd, callUsd } = readOptions<SpenderOptions>();
const budget = createBudget({
  redis: await connect(redisUrl),
  store: await createFileStorage(storageRoot),
  tenantDayUsd,
  globalDayUsd: 1_000,
});

await workThrough(jobs, 4, async (job) => {
  const reserved = await budget.reserve({ tenant: 'local', job, jobBudgetUsd: 5, usd: callUsd });
  if (reserved.kind === 'exhausted') return tell({ job, outcome: 'exhausted' } satisfies Spent);
  await askToyProvider(`${providerUrl}/${name}`, AbortSignal.timeout(10_000));
  await reserved.settle(callUsd);
  tell({ job, outcome: 'paid' } satisfies Spent);
});
await leave();
