import { createLogger } from '#runtime/log';
import { createRedis, type RedisClient, waitForRedis } from '#runtime/redis';

/** What the starter gave this process; it ends with its starter. */
export function readOptions<T>(): T {
  process.on('disconnect', () => process.exit(0));
  return JSON.parse(process.argv[2] as string) as T;
}

let told = Promise.resolve();

export function tell(message: object): void {
  told = new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

/** Ends this process when its last word is on its way. */
export async function leave(): Promise<never> {
  await told;
  process.exit(0);
}

export async function connect(url: string): Promise<RedisClient> {
  const redis = createRedis({ url, role: 'commands', log: createLogger({ level: 'silent', name: 'member' }) });
  await waitForRedis(redis, AbortSignal.timeout(10_000));
  return redis;
}

/** Works through `items` with `hands` at once. */
export async function workThrough<T>(items: readonly T[], hands: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const hand = async () => {
    while (next < items.length) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: hands }, hand));
}
