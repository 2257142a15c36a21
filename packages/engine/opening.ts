import { createMicroBatch } from '#runtime/micro-batch';
import type { RedisClient } from '#runtime/redis';
import { eventsChannel, keyPrefix } from './state.ts';
import type { Manifest, Run } from './types.ts';

/** A run as Redis is to know it; the event is the one that says that it begins. */
export interface Opening {
  manifest: Pick<Manifest, 'id' | 'tenant' | 'priority' | 'external_id' | 'batch_id'>;
  run: Pick<Run, 'number' | 'approved'>;
  event: { type: string; data: Record<string, unknown> } | null;
}

/**
 * For each run: its state, its place in every list, its first event, all or nothing. A first run that is open already is
 * left as it is: somebody repeats the request. Nobody follows a job that is not yet known, so a first event nudges nobody.
 *
 * Each gets its turn (start-time fair queueing, a job costs one): the one after its tenant's last, but no earlier than the
 * one that runs now. So five hundred jobs of one tenant take turns with the one job of another, and who comes rarely
 * cannot starve who waits for long. Gives the turns.
 */
const openScript = `
local turns = {}
for at = 1, #ARGV, 8 do
  local id, tenant, run, approved, external, batch, class, event = unpack(ARGV, at, at + 7)
  local job = KEYS[1] .. ':job:' .. id
  local index = KEYS[1] .. ':idx:' .. tenant .. ':jobs'
  if run ~= '1' or redis.call('EXISTS', job) == 0 then
    if run ~= '1' then
      for _, status in ipairs({ 'awaiting_review', 'failed', 'cancelled', 'completed' }) do redis.call('ZREM', index .. ':status:' .. status, id) end
      redis.call('DEL', job)
    end
    local last = KEYS[1] .. ':turns:' .. class
    local turn = math.max(tonumber(redis.call('HGET', KEYS[1] .. ':turn', class) or '0'), tonumber(redis.call('HGET', last, tenant) or '0'))
    redis.call('HSET', last, tenant, turn + 1)
    redis.call('HSET', job, 'class', class, 'turn', turn)
    redis.call('HSET', job, 'tenant', tenant, 'run', run, 'status', 'queued', 'approved', approved, 'work', 0, 'percent', 0)
    redis.call('ZADD', index .. ':status:queued', 0, id)
    redis.call('ZADD', index, 0, id)
    if external ~= '' then redis.call('ZADD', index .. ':external:' .. external, 0, id) end
    if batch ~= '' then redis.call('ZADD', index .. ':batch:' .. batch, 0, id) end
    if event ~= '' then
      redis.call('XADD', KEYS[1] .. ':events:' .. id, '*', 'event', event)
      if run ~= '1' then
        redis.call('PERSIST', KEYS[1] .. ':events:' .. id)
        redis.call('PUBLISH', KEYS[2], id)
      end
    end
  end
  turns[#turns + 1] = tonumber(redis.call('HGET', job, 'turn') or '0')
end
return turns`;

/** Redis does nothing else during a call, so that no call is long. */
const maxOpenings = 100;

/** Gives the job's turn. */
export type Opener = (opening: Opening) => Promise<number>;

/** Opens runs in Redis; those of one turn of the event loop in one call. */
export function createOpener(redis: RedisClient): Opener {
  const push = createMicroBatch(async (slots: { opening: Opening; turn: number }[]) => {
    const calls: Promise<unknown>[] = [];
    for (let start = 0; start < slots.length; start += maxOpenings) {
      const some = slots.slice(start, start + maxOpenings);
      const call = redis.eval(openScript, 2, keyPrefix, eventsChannel, ...some.flatMap(({ opening }) => toArguments(opening)));
      const take = (turns: unknown) => {
        for (const [place, slot] of some.entries()) slot.turn = (turns as number[])[place] ?? 0;
      };
      calls.push(call.then(take));
    }
    await Promise.all(calls);
  });
  return async (opening) => {
    const slot = { opening, turn: 0 };
    await push(slot);
    return slot.turn;
  };
}

function toArguments({ manifest, run, event }: Opening): (string | number)[] {
  const text = event ? JSON.stringify({ type: event.type, timestamp: new Date().toISOString(), data: event.data }) : '';
  const { id, tenant, external_id, batch_id, priority } = manifest;
  return [id, tenant, run.number, run.approved ? 1 : 0, external_id ?? '', batch_id ?? '', priority, text];
}
