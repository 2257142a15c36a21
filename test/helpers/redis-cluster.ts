import { createServer } from 'node:net';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, type RedisClient, waitForRedis } from '#runtime/redis';
import { startRedis, type TestRedis } from './redis.ts';
import { until } from './until.ts';

export interface TestCluster {
  /** `redis-cluster://…` with all nodes. */
  url: string;
  nodes: TestRedis[];
  /** A plain connection to each node. */
  plain: RedisClient[];
  close(): Promise<void>;
}

const slots = 16_384;

/** Three masters of one real cluster, from the same binary as every other test; the slots are shared out evenly. */
export async function startRedisCluster(): Promise<TestCluster> {
  const busPorts = await Promise.all([freePort(), freePort(), freePort()]);
  const nodes = await Promise.all(
    busPorts.map((port) =>
      startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', String(port), '--cluster-require-full-coverage', 'no'] }),
    ),
  );
  const log = createLogger({ level: 'silent', name: 'cluster' });
  const plain = nodes.map(({ url }) => createRedis({ url, role: 'worker', log }));
  const close = async () => {
    await Promise.all(plain.map((client) => closeRedis(client)));
    await Promise.all(nodes.map((node) => node.close()));
  };
  try {
    await Promise.all(plain.map((client) => waitForRedis(client, AbortSignal.timeout(10_000))));
    for (const [index, client] of plain.entries()) {
      const [from, to] = [Math.floor((index * slots) / 3), Math.floor(((index + 1) * slots) / 3) - 1];
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
      for (const [other, { port }] of nodes.entries()) {
        if (other !== index) await client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[other] as number);
      }
    }
    await until(async () => (await Promise.all(plain.map(knowsAll))).every(Boolean), 20_000);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`, nodes, plain, close };
}

const knowsAll = async (client: RedisClient): Promise<boolean> => {
  const info = String(await client.call('CLUSTER', 'INFO'));
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3') && info.includes(`cluster_slots_ok:${slots}`);
};

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
