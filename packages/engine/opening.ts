import { createMicroBatch } from '#runtime/micro-batch';
import type { RedisClient } from '#runtime/redis';
import { eventsChannel, keyPrefix } from './state.ts';
import type { Manifest, Run } from './types.ts';

/** A run as Redis is to know it; the event is the one that says that it begins. */
export interface Opening {
  manifest: Pick<Manifest, 'id' | 'tenant' | 'external_id' | 'batch_id'>;
  run: Pick<Run, 'number' | 'approved'>;
  event: { type: string; data: Record<string, unknown> } | null;
}

/**
 * For each run: its state, its place in every list, its first event, all or nothing. A first run that is open already is
 * left as it is: somebody repeats the request. Nobody follows a job that is not yet known, so a first event nudges nobody.
 */
const openScript = `
for at = 1, #ARGV, 7 do
  local id, tenant, run, approved, external, batch, event = unpack(ARGV, at, at + 6)
  local job = KEYS[1] .. ':job:' .. id
  local index = KEYS[1] .. ':idx:' .. tenant .. ':jobs'
  if run ~= '1' or redis.call('EXISTS', job) == 0 then
    if run ~= '1' then
      for _, status in ipairs({ 'awaiting_review', 'failed', 'cancelled', 'completed' }) do redis.call('ZREM', index .. ':status:' .. status, id) end
      redis.call('DEL', job)
    end
    redis.call('HSET', job, 'tenant', tenant, 'run', run, 'status', 'queued', 'approved', approved, 'work', 0, 'percent', 0)
    redis.call('ZADD', index .. ':status:queued', 0, id)
    redis.call('ZADD', index, 0, id)
    if external ~= '' then redis.call('ZADD', index .. ':external:' .. external, 0, id) end
    if batch ~= '' then redis.call('ZADD', index .. ':batch:' .. batch, 0, id) end
    if event ~= '' then
      redis.call('XADD', KEYS[1] .. ':events:' .. id, '*', 'event', event)
      if run ~= '1' then redis.call('PUBLISH', KEYS[2], id) end
    end
  end
end`;

/** Redis does nothing else during a call, so that no call is long. */
const maxOpenings = 100;

export type Opener = (opening: Opening) => Promise<void>;

/** Opens runs in Redis; those of one turn of the event loop in one call. */
export function createOpener(redis: RedisClient): Opener {
  return createMicroBatch(async (openings: Opening[]) => {
    const calls: Promise<unknown>[] = [];
    for (let start = 0; start < openings.length; start += maxOpenings) {
      const some = openings.slice(start, start + maxOpenings).flatMap(toArguments);
      calls.push(redis.eval(openScript, 2, keyPrefix, eventsChannel, ...some));
    }
    await Promise.all(calls);
  });
}

function toArguments({ manifest, run, event }: Opening): (string | number)[] {
  const text = event ? JSON.stringify({ type: event.type, timestamp: new Date().toISOString(), data: event.data }) : '';
  return [manifest.id, manifest.tenant, run.number, run.approved ? 1 : 0, manifest.external_id ?? '', manifest.batch_id ?? '', text];
}
