import type { Standing } from './batches.ts';
import type { Records } from './records.ts';
import type { RunState } from './state.ts';

/** How a job stands at the price of one look: as Redis remembers it, else as storage knows it. */
export const createStanding =
  (records: Records, state: Pick<RunState, 'job'>): Standing =>
  async (tenant, id) => {
    const manifest = await records.manifest(tenant, id);
    if (!manifest) return null;
    const remembered = await state.job(id).catch(() => null);
    if (remembered) return { status: remembered.status, progress: remembered.percent };
    const outcome = await records.outcome(tenant, id, await records.latestRun(manifest));
    return { status: outcome?.status ?? 'queued', progress: 0 };
  };
