import type { Circuit, CircuitRules, CircuitState, Entry } from './circuit.ts';
import type { RedisClient } from './redis.ts';

/**
 * One circuit for every process that knows its name, on Redis's clock. While Redis does not answer, each process has
 * `local` alone.
 */
export function createSharedCircuit({ redis, name, rules, local }: SharedCircuitParts): Circuit {
  const key = `{cutroom}:v1:circuit:${name}`;
  const limits = [rules.failures, rules.openMs, rules.windowMs, rules.probeMs];
  const ask = (operation: string, caller: string) => redis.eval(script, 1, key, operation, caller, ...limits) as Promise<[string, number]>;
  const askOr = async <T>(operation: string, caller: string, parts: { read: (answer: [string, number]) => T; alone: () => Promise<T> }) => {
    const answer = await ask(operation, caller).catch(() => null);
    return answer === null ? parts.alone() : parts.read(answer);
  };

  return {
    enter: (caller) => askOr('enter', caller, { read: toEntry, alone: () => local.enter(caller) }),
    succeeded: (caller) => askOr('succeeded', caller, { read: nothing, alone: () => local.succeeded(caller) }),
    failed: (caller) => askOr('failed', caller, { read: opened, alone: () => local.failed(caller) }),
    released: (caller) => askOr('released', caller, { read: nothing, alone: () => local.released(caller) }),
    trip: () => askOr('trip', '', { read: opened, alone: () => local.trip() }),
    look: () => askOr('look', '', { read: ([word]) => word as CircuitState, alone: () => local.look() }),
  };
}

export interface SharedCircuitParts {
  /** Of the role `commands`: a refusal must come soon. */
  redis: RedisClient;
  name: string;
  rules: CircuitRules;
  local: Circuit;
}

const nothing = () => undefined;
const opened = ([word]: [string, number]) => word === 'opened';
const toEntry = ([word, ms]: [string, number]): Entry =>
  word === 'open' ? { kind: 'open', retryAfterMs: ms } : { kind: word as 'closed' | 'probe' };

/** Fields: `failures`, `until` (open at least so long; absent = closed), `probe` and `probeUntil`. Answers {word, milliseconds}. */
const script = `
local key, operation, caller = KEYS[1], ARGV[1], ARGV[2]
local limit, openMs, windowMs, probeMs = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local state = redis.call('HMGET', key, 'until', 'probe', 'probeUntil')
local untilMs, probe, probeUntil = tonumber(state[1]), state[2], tonumber(state[3]) or 0
local keepMs = openMs + probeMs + 3600000

local function open()
  redis.call('DEL', key)
  redis.call('HSET', key, 'until', now + openMs)
  redis.call('PEXPIRE', key, keepMs)
  return {'opened', openMs}
end

if operation == 'trip' then return untilMs and {'done', 0} or open() end
if operation == 'look' then
  if not untilMs then return {'closed', 0} end
  return {now < untilMs and 'open' or 'half_open', 0}
end
if operation == 'enter' then
  if not untilMs then return {'closed', 0} end
  if now < untilMs then return {'open', untilMs - now} end
  if now < probeUntil then return {'open', math.min(probeUntil - now, math.ceil(openMs / 6))} end
  redis.call('HSET', key, 'probe', caller, 'probeUntil', now + probeMs)
  redis.call('PEXPIRE', key, keepMs)
  return {'probe', 0}
end
if operation == 'succeeded' then
  if not untilMs or probe == caller then redis.call('DEL', key) end
  return {'done', 0}
end
if operation == 'released' then
  if probe == caller then redis.call('HDEL', key, 'probe', 'probeUntil') end
  return {'done', 0}
end
if untilMs then
  if probe == caller then return open() end
  return {'done', 0}
end
local failures = redis.call('HINCRBY', key, 'failures', 1)
redis.call('PEXPIRE', key, windowMs)
if failures >= limit then return open() end
return {'counted', failures}
`;
