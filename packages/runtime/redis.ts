import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { createErrorLog, type Logger } from './log.ts';
import { parseRedisUrl, type RedisAddress } from './redis-url.ts';

/** A Cluster client answers the same commands, so the rest of the code knows one type. */
export type RedisClient = Redis;

/**
 * How long a caller waits when Redis does not answer. `producer`, `commands`: refused at once when it is known to be
 * down, after the time-out when it hangs; a refusal means UNKNOWN, the command may still run. `worker`, `subscriber`:
 * wait until it is back.
 */
export type RedisRole = 'producer' | 'commands' | 'worker' | 'subscriber';

export interface RedisConnectionOptions {
  url: string;
  role: RedisRole;
  log: Pick<Logger, 'warn'>;
}

/** Connects in the background and reconnects for ever. Close it with `closeRedis`. */
export function createRedis({ url, role, log }: RedisConnectionOptions): RedisClient {
  const client = connect(parseRedisUrl(url), role);
  client.on('error', createErrorLog({ log, message: `redis (${role}) cannot be reached` }));
  if (role === 'subscriber') keepAsking(client);
  if (role === 'worker' && client instanceof Redis) letCopiesWait(client);
  return client;
}

export function isRedisReady(client: RedisClient): boolean {
  return client.status === 'ready';
}

/** Resolves at the first moment the connection can take commands; rejects with the signal's reason. */
export async function waitForRedis(client: RedisClient, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (isRedisReady(client)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (then: () => void) => {
      client.off('ready', onReady);
      signal.removeEventListener('abort', onAbort);
      then();
    };
    const onReady = () => settle(resolve);
    const onAbort = () => settle(() => reject(signal.reason));
    client.once('ready', onReady);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Says goodbye when there is somebody to say it to, within `timeoutMs`; cuts the line otherwise. */
export async function closeRedis(client: RedisClient, timeoutMs = 500): Promise<void> {
  if (isRedisReady(client)) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([client.quit().catch(() => {}), late]);
    clearTimeout(timer);
  }
  client.disconnect();
}

/** Who only listens would not notice that nothing can come any more: its questions have to be answered in time. */
function keepAsking(client: RedisClient): void {
  const ask = () => void (isRedisReady(client) && client.ping().catch(() => {}));
  const timer = setInterval(ask, silenceMs / 2).unref();
  client.once('end', () => clearInterval(timer));
}

/** BullMQ waits for work on a copy of its connection. */
function letCopiesWait(client: RedisClient): void {
  const copy = client.duplicate.bind(client);
  client.duplicate = ((override) => copy({ ...override, socketTimeout: blockedSilenceMs })) as typeof client.duplicate;
}

type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/**
 * A question that has found no answer for so long makes a new connection, and a waiting role asks it again there. A connection
 * that died without a word (a rebooted host, a forgetful firewall) is open to TCP for a quarter of an hour.
 */
const silenceMs = 5_000;

/** Waiting for work is silent for up to 10 s (BullMQ's ceiling) with nothing being wrong. */
const blockedSilenceMs = 13_000;

const roleOptions: Record<RedisRole, ClientOptions> = {
  producer: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 500, socketTimeout: 2_000 },
  commands: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 800, socketTimeout: 2_000 },
  worker: { maxRetriesPerRequest: null, socketTimeout: silenceMs },
  subscriber: { maxRetriesPerRequest: null, socketTimeout: silenceMs, autoResubscribe: true },
};

function connect(address: RedisAddress, role: RedisRole): RedisClient {
  const options: ClientOptions = {
    ...roleOptions[role],
    ...(address.username === null ? {} : { username: address.username }),
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.tls ? { tls: {} } : {}),
    db: address.db,
    connectTimeout: 2_000,
    maxLoadingRetryTime: 1_000,
    retryStrategy: reconnectDelayMs,
    // A failed-over master answers READONLY: reconnect, and let the address resolve to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
  switch (address.kind) {
    case 'single':
      return new Redis({ ...options, host: address.host, port: address.port });
    case 'socket':
      return new Redis({ ...options, path: address.path });
    case 'sentinel':
      return new Redis({ ...options, sentinels: address.sentinels, name: address.master, sentinelRetryStrategy: reconnectDelayMs });
    case 'cluster':
      return new Cluster(address.nodes, {
        redisOptions: role === 'worker' ? { ...options, socketTimeout: blockedSilenceMs } : options,
        enableOfflineQueue: options.enableOfflineQueue ?? true,
        clusterRetryStrategy: reconnectDelayMs,
      }) as unknown as Redis;
  }
}

/** Never null (that would end reconnecting for ever): 50 ms doubling to 1 s. */
export function reconnectDelayMs(attempt: number): number {
  return Math.min(1_000, 50 * 2 ** Math.min(attempt - 1, 10));
}
