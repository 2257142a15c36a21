import type { CountedLine, LedgerLine } from './ledger.ts';
import type { RedisClient } from './redis.ts';

export const budgetScopes = ['job', 'tenant', 'global'] as const;
export type BudgetScope = (typeof budgetScopes)[number];
export type CapsMicro = Record<BudgetScope, number>;

/** `unknown`: this Redis has not been told what the ledger holds. */
export type Taken = 'granted' | 'unknown' | BudgetScope;

/** A day's or a job's sums in Redis. */
type Sums = { day: string } | { job: string };

export interface BudgetTotals {
  /** Counts the line when all three sums stay within their caps; a line that is counted already is not counted twice. */
  take(line: LedgerLine, caps: CapsMicro): Promise<Taken>;
  /** The same question without counting. */
  look(line: LedgerLine, caps: CapsMicro): Promise<Taken>;
  /** Replaces what the line counts for. */
  settle(line: LedgerLine, spentMicro: number): Promise<void>;
  /** Adds what is missing and, when all of it has arrived, declares the sums known. False = wiped meanwhile: again. */
  learn(sums: Sums, lines: readonly CountedLine[]): Promise<boolean>;
}

/** A projection of the ledger, in whole micro-dollars; every step is one script. */
export function createBudgetTotals(redis: RedisClient): BudgetTotals {
  const ask = (write: 0 | 1, line: LedgerLine, caps: CapsMicro) => {
    const limits = budgetScopes.map((scope) => caps[scope]);
    return redis.eval(takeScript, 2, dayKey(line.day), jobKey(line.job), write, line.id, line.reservedMicro, line.tenant, ...limits);
  };
  return {
    take: (line, caps) => ask(1, line, caps) as Promise<Taken>,
    look: (line, caps) => ask(0, line, caps) as Promise<Taken>,
    async settle(line, spentMicro) {
      await redis.eval(settleScript, 2, dayKey(line.day), jobKey(line.job), line.id, line.tenant, spentMicro);
    },
    async learn(sums, lines) {
      const key = 'day' in sums ? dayKey(sums.day) : jobKey(sums.job);
      const chunks = toChunks(lines);
      const round = crypto.randomUUID();
      for (const chunk of chunks) {
        const figures = chunk.flatMap(({ id, tenant, countedMicro }) => [id, tenant, countedMicro]);
        await redis.eval(learnScript, 1, key, round, ...figures);
      }
      return (await redis.eval(knownScript, 1, key, round, chunks.length)) === 1;
    },
  };
}

const dayKey = (day: string) => `{cutroom}:v1:ai-budget:day:${day}`;
const jobKey = (job: string) => `{cutroom}:v1:ai-budget:job:${job}`;

const linesPerCall = 500;

function toChunks(lines: readonly CountedLine[]): CountedLine[][] {
  return Array.from({ length: Math.ceil(lines.length / linesPerCall) }, (_, i) => lines.slice(i * linesPerCall, (i + 1) * linesPerCall));
}

/** Fields of both hashes: `known`, `i:<line>` what it counts for, `all` the sum; of a day's also `t:<tenant>`. */
const sums = `
local keepS = 3 * 86400
local function add(key, id, tenant, micro)
  redis.call('HSET', key, 'i:' .. id, (tonumber(redis.call('HGET', key, 'i:' .. id)) or 0) + micro)
  redis.call('HINCRBY', key, 'all', micro)
  redis.call('HINCRBY', key, 't:' .. tenant, micro)
  redis.call('EXPIRE', key, keepS)
end
local function counted(key, id) return tonumber(redis.call('HGET', key, 'i:' .. id)) end
local function sum(key, field) return tonumber(redis.call('HGET', key, field)) or 0 end
`;

const takeScript = `${sums}
local day, job, write = KEYS[1], KEYS[2], ARGV[1] == '1'
local id, micro, tenant = ARGV[2], tonumber(ARGV[3]), ARGV[4]
if redis.call('HGET', day, 'known') ~= '1' or redis.call('HGET', job, 'known') ~= '1' then return 'unknown' end
local dayMore = counted(day, id) and 0 or micro
local jobMore = counted(job, id) and 0 or micro
local full = nil
if sum(job, 'all') + jobMore > tonumber(ARGV[5]) then full = 'job'
elseif sum(day, 't:' .. tenant) + dayMore > tonumber(ARGV[6]) then full = 'tenant'
elseif sum(day, 'all') + dayMore > tonumber(ARGV[7]) then full = 'global' end
if full or not write then return full or 'granted' end
if dayMore > 0 then add(day, id, tenant, dayMore) end
if jobMore > 0 then add(job, id, tenant, jobMore) end
return 'granted'
`;

const settleScript = `${sums}
for _, key in ipairs(KEYS) do
  local before = counted(key, ARGV[1])
  if before then add(key, ARGV[1], ARGV[2], tonumber(ARGV[3]) - before) end
end
return 0
`;

const learnScript = `${sums}
redis.call('HINCRBY', KEYS[1], 'r:' .. ARGV[1], 1)
redis.call('EXPIRE', KEYS[1], keepS)
for i = 2, #ARGV, 3 do
  if not counted(KEYS[1], ARGV[i]) then add(KEYS[1], ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])) end
end
return 0
`;

/** Chunks that a wipe has taken since are missing from the count. */
const knownScript = `
local field = 'r:' .. ARGV[1]
local arrived = tonumber(redis.call('HGET', KEYS[1], field)) or 0
redis.call('HDEL', KEYS[1], field)
if arrived ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'known', '1')
redis.call('EXPIRE', KEYS[1], 3 * 86400)
return 1
`;
