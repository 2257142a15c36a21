import type { JobStatus } from '#contracts/job';
import type { RedisClient } from '#runtime/redis';
import { type Done, digestOfItems, type NodeName, toNodeId } from './next.ts';
import type { NodeRecord } from './types.ts';

/** All keys share one hash tag: one slot of a cluster, one transaction. */
export const keyPrefix = '{cutroom}:v1';

/** Whose turn it is, by priority class: the highest turn of a job that has started. */
const turnKey = `${keyPrefix}:turn`;
const jobKey = (id: string) => `${keyPrefix}:job:${id}`;
/** What a worker process runs; never tidied after its death, which is what tells who died with whom. */
const workerKey = (worker: string) => `${keyPrefix}:worker:${worker}`;
const nameOf = ({ id, run }: RunRef, node: NodeName) => `${id}.${run}.${toNodeId(node)}`;
const runKey = (id: string, run: number, part: string) => `${keyPrefix}:run:${id}:${run}:${part}`;
/** A job's history, and the channel that says it grew. */
export const eventsKey = (id: string) => `${keyPrefix}:events:${id}`;
export const eventsChannel = `${keyPrefix}:events`;
/** About so many entries of a history are kept, the newest. */
export const eventsKept = 2000;
export const statusIndexKey = (tenant: string, status: string) => `${keyPrefix}:idx:${tenant}:jobs:status:${status}`;

/** Where a job stands, as far as Redis remembers. Absent after a wipe; the reconciler writes it again from storage. */
export interface JobState {
  tenant: string;
  run: number;
  status: JobStatus;
  started_at: string | null;
  approved: boolean;
  /** 0–99; only grows within a run. */
  percent: number;
  /** Its place among the jobs of its class; see `opening.ts`. */
  turn: number;
}

/** A start of a node: the how-manieth since its last orderly end, and how many deaths of workers are laid at its door. */
export interface Attempt {
  number: number;
  blame: number;
}

export interface RunRef {
  id: string;
  run: number;
}

/** What a job's history is told. */
export interface Said {
  type: string;
  data: Record<string, unknown>;
}

/** Pure: as it stands in the history. */
export const toHistoryEntry = ({ type, data }: Said): string => JSON.stringify({ type, timestamp: new Date().toISOString(), data });

/**
 * Moves a job to another status and its index entry with it; a finished run stays finished. What is to be said of it is
 * written in the same breath: a caller who dies after the change, or never hears that it was made, leaves no history without an end.
 * Returns 1 when this call made the change.
 */
const transitionScript = `
local current = redis.call('HGET', KEYS[1], 'status')
local run = redis.call('HGET', KEYS[1], 'run')
if run ~= ARGV[1] or current == ARGV[2] then return 0 end
if current == 'completed' or current == 'failed' or current == 'cancelled' then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[2])
if ARGV[2] == 'processing' then
  redis.call('HSETNX', KEYS[1], 'started_at', ARGV[3])
  local class, turn = unpack(redis.call('HMGET', KEYS[1], 'class', 'turn'))
  if class and tonumber(turn) > tonumber(redis.call('HGET', KEYS[3], class) or '0') then redis.call('HSET', KEYS[3], class, turn) end
end
redis.call('ZREM', KEYS[2] .. current, ARGV[4])
redis.call('ZADD', KEYS[2] .. ARGV[2], 0, ARGV[4])
for at = 7, #ARGV do redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[6], '*', 'event', ARGV[at]) end
if #ARGV > 6 then redis.call('PUBLISH', ARGV[5], ARGV[4]) end
return 1`;

/**
 * Adds what a node has newly done to the job's work; a repeated attempt adds only what goes beyond the best one.
 * When the percentage grows, the event is written in the same breath, so that no reader ever sees it fall.
 */
const contributeScript = `
local before = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
local now = tonumber(ARGV[2])
if now > before then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('HINCRBYFLOAT', KEYS[1], 'work', tostring(now - before))
end
local work = tonumber(redis.call('HGET', KEYS[1], 'work') or '0')
local percent = math.min(99, math.floor(100 * work / tonumber(ARGV[3]) + 0.000001))
if percent > tonumber(redis.call('HGET', KEYS[1], 'percent') or '0') then
  redis.call('HSET', KEYS[1], 'percent', percent)
  local event = cjson.encode({ type = 'job.progress', timestamp = ARGV[4], data = { job_id = ARGV[5], progress = percent, stage = ARGV[6] } })
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[8], '*', 'event', event)
  redis.call('PUBLISH', ARGV[7], ARGV[5])
  return percent
end
return false`;

/** So long the parts of an ended run are kept; whatever asks later finds its outcome in storage. */
const partsTtlS = 60;
/** A job's log and history are kept so long for those who look closely. */
const historyTtlS = 3_600;

/** The history goes only when no later run has begun to write it on. */
const retireScript = `
for at = 4, #KEYS do redis.call('EXPIRE', KEYS[at], ARGV[2]) end
redis.call('EXPIRE', KEYS[3], ARGV[3])
if redis.call('HGET', KEYS[1], 'run') == ARGV[1] then redis.call('EXPIRE', KEYS[2], ARGV[3]) end`;

export type RunState = ReturnType<typeof createRunState>;

/** A job's quick side: derived, lost without harm, O(1) calls however many nodes a job has. */
export function createRunState(redis: RedisClient) {
  /** Of a fan-out whose items are all filed. */
  async function digestOfStage(ref: RunRef, stage: string, total: number): Promise<string> {
    const digests = await redis.hgetall(runKey(ref.id, ref.run, `items:${stage}`));
    return digestOfItems(Array.from({ length: total }, (_, index) => digests[index] ?? ''));
  }

  return {
    async job(id: string): Promise<JobState | null> {
      return toJobState(await redis.hgetall(jobKey(id)));
    },

    /** True when this call made the change; what is `said` of it goes into the history with it. */
    async transition(ref: RunRef & { tenant: string }, to: JobStatus, said: readonly Said[]): Promise<boolean> {
      const keys = [jobKey(ref.id), statusIndexKey(ref.tenant, ''), turnKey, eventsKey(ref.id)];
      const of = [ref.run, to, new Date().toISOString(), ref.id, eventsChannel, eventsKept, ...said.map(toHistoryEntry)];
      return (await redis.eval(transitionScript, keys.length, ...keys, ...of)) === 1;
    },

    turn: async (id: string): Promise<number> => Number((await redis.hget(jobKey(id), 'turn')) ?? 0),

    approve: async (id: string): Promise<void> => void (await redis.hset(jobKey(id), 'approved', 1)),

    async done(ref: RunRef): Promise<Map<string, Done>> {
      const entries = await redis.hgetall(runKey(ref.id, ref.run, 'done'));
      return new Map(Object.entries(entries).map(([stage, text]) => [stage, parseDone(text)]));
    },

    /** False when the stage was finished already: the caller is late and announces nothing. */
    async finishStage(ref: RunRef, stage: string, done: Done): Promise<boolean> {
      return (await redis.hsetnx(runKey(ref.id, ref.run, 'done'), stage, `${done.key ?? ''}:${done.digest}`)) === 1;
    },

    /** Files one item of a fan-out; the whole's digest once the last one is in, else null. One round trip until then. */
    async finishItem(ref: RunRef, node: NodeName, digest: string, total: number): Promise<string | null> {
      const key = runKey(ref.id, ref.run, `items:${node.stage}`);
      const [, count] = (await redis.multi().hset(key, String(node.index), digest).hlen(key).exec()) ?? [];
      if (Number(count?.[1]) < total) return null;
      return digestOfStage(ref, node.stage, total);
    },

    digestOfStage,

    async finishedItems(ref: RunRef, stage: string): Promise<Set<number>> {
      return new Set((await redis.hkeys(runKey(ref.id, ref.run, `items:${stage}`))).map(Number));
    },

    async saveNode(ref: RunRef, node: NodeName, record: NodeRecord): Promise<void> {
      await redis.hset(runKey(ref.id, ref.run, 'nodes'), toNodeId(node), JSON.stringify(record));
    },

    async nodes(ref: RunRef): Promise<Map<string, NodeRecord>> {
      const entries = await redis.hgetall(runKey(ref.id, ref.run, 'nodes'));
      return new Map(Object.entries(entries).map(([id, text]) => [id, JSON.parse(text) as NodeRecord]));
    },

    /**
     * Notes that `worker` starts a node, and weighs the blame for earlier starts that had no orderly end: a death is shared
     * by all that ran in the dead process, so that what merely stood beside a killer is not taken for one.
     */
    async beginAttempt(ref: RunRef, node: NodeName, worker: string): Promise<Attempt> {
      const before = parseBegun(await redis.hget(runKey(ref.id, ref.run, 'begun'), toNodeId(node)));
      const suspects = before ? Math.max(1, await redis.scard(workerKey(before.worker))) : 1;
      const attempt: Attempt = { number: (before?.number ?? 0) + 1, blame: before ? before.blame + 1 / suspects : 0 };
      const pipeline = redis.multi();
      pipeline.hset(runKey(ref.id, ref.run, 'begun'), toNodeId(node), JSON.stringify({ ...attempt, worker }));
      pipeline.sadd(workerKey(worker), nameOf(ref, node)).expire(workerKey(worker), 86_400);
      await pipeline.exec();
      return attempt;
    },

    async endAttempt(ref: RunRef, node: NodeName, worker: string | null): Promise<void> {
      const pipeline = redis.multi().hdel(runKey(ref.id, ref.run, 'begun'), toNodeId(node));
      if (worker) pipeline.srem(workerKey(worker), nameOf(ref, node));
      await pipeline.exec();
    },

    /** `work` = weight × fraction of this node, of `total` in the whole job. Progress never falls; gives the percentage when it grew. */
    async contribute(ref: RunRef, node: NodeName, { work, total }: { work: number; total: number }): Promise<number | null> {
      const keys = [jobKey(ref.id), runKey(ref.id, ref.run, 'work'), eventsKey(ref.id)];
      const now = new Date().toISOString();
      const of = [toNodeId(node), work.toFixed(4), total, now, ref.id, node.stage, eventsChannel, eventsKept];
      return (await redis.eval(contributeScript, 3, ...keys, ...of)) as number | null;
    },

    /** Lines of the job's log: tool traces and stage ends, bounded. */
    async log(ref: RunRef, line: Record<string, unknown>): Promise<void> {
      const key = runKey(ref.id, ref.run, 'log');
      await redis.multi().rpush(key, JSON.stringify(line)).ltrim(key, -500, -1).exec();
    },
    async logs(ref: RunRef): Promise<Record<string, unknown>[]> {
      return (await redis.lrange(runKey(ref.id, ref.run, 'log'), 0, -1)).map((line) => JSON.parse(line) as Record<string, unknown>);
    },

    /** After the outcome is filed nothing of this is needed: memory is for jobs that run. */
    async retire({ id, run }: RunRef, fanOuts: readonly string[]): Promise<void> {
      const parts = ['log', 'done', 'nodes', 'begun', 'work', ...fanOuts.map((stage) => `items:${stage}`)];
      const keys = [jobKey(id), eventsKey(id), ...parts.map((part) => runKey(id, run, part))];
      await redis.eval(retireScript, keys.length, ...keys, run, partsTtlS, historyTtlS);
    },

    /** The job is no more. */
    forget: async (id: string): Promise<void> => void (await redis.del(jobKey(id), eventsKey(id))),
  };
}

function toJobState(fields: Record<string, string>): JobState | null {
  if (!fields['tenant'] || !fields['status']) return null;
  return {
    tenant: fields['tenant'],
    run: Number(fields['run']),
    status: fields['status'] as JobStatus,
    started_at: fields['started_at'] ?? null,
    approved: fields['approved'] === '1',
    percent: Number(fields['percent'] ?? 0),
    turn: Number(fields['turn'] ?? 0),
  };
}

function parseDone(text: string): Done {
  const [key = '', digest = ''] = text.split(':');
  return { key: key || null, digest };
}

const parseBegun = (text: string | null) => (text ? (JSON.parse(text) as Attempt & { worker: string }) : null);
