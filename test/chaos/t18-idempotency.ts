import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FailpointName } from '#runtime/failpoint';
import { createFileStorage } from '#storage/file';
import { createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';
import { all, atMost, type ChaosTest, none } from './chaos.ts';
import { openJournal } from './journal.ts';
import { createRandom, type Random } from './random.ts';

interface Counts {
  keys: number;
  posts: number;
  kills: number;
}

/** Between the record of the key, the manifest and the queue. */
const windows: readonly FailpointName[] = [
  'idempotency.before',
  'idempotency.after',
  'manifest.before',
  'manifest.after',
  'enqueue.before',
  'enqueue.after',
];

/** Many posts with few keys against an API that is killed between its writes and comes back. */
export const t18: ChaosTest<Counts> = {
  title: 'the same Idempotency-Keys many times, the API killed between record, manifest and enqueue',
  full: { keys: 100, posts: 50, kills: 20 },

  async run({ keys, posts, kills }, seed) {
    const random = createRandom(seed);
    const folder = mkdtempSync(join(tmpdir(), 'cutroom-chaos-'));
    const journal = openJournal(join(folder, 'acknowledged'));
    const service = await startService({ separateWorkers: 0, env: { CUTROOM_RECONCILE_SECONDS: '2', CUTROOM_LOG_LEVEL: 'error' } });
    try {
      const client = createClient(service.url);
      const asset = await client.upload(makeTalk(join(folder, 'talk.mp4'), { seconds: 2, size: '320x240' }));
      const body = JSON.stringify({ input: { asset_id: asset.id }, features: { preview: false, thumbnails: false } });
      const killing = killApi(service, kills, random);
      const wanted = Array.from({ length: keys * posts }, (_, index) => `key-${seed}-${index % keys}`);
      const answers = await spread(wanted, 32, async (key) => {
        const id = await postUntilAnswered(service.url, key, body);
        journal.add(`${key} ${id}`);
        return [key, id] as const;
      });
      const deaths = await killing;
      await service.startWorker();
      const storage = await createFileStorage(join(service.dataDir, 'storage'));
      const ended = await until(async () => (await storage.list('open/jobs/', { limit: 1 })).length === 0, 90_000).catch(() => false);
      const manifests = await storage.list('t/local/jobs/', { limit: 100_000 });
      const listed = await listAll(service.url);
      const firsts = new Map(answers);
      const other = answers.filter(([key, id]) => firsts.get(key) !== id).length;
      return [
        all('jobs listed', keys, listed),
        all('manifests', keys, manifests.length),
        all('jobs named by the answers', keys, new Set(answers.map(([, id]) => id)).size),
        all('answers', keys * posts, answers.length),
        none('answers that differ from another one of their key', keys * posts, other),
        none('jobs that did not end', keys, ended ? 0 : 1),
        atMost({ what: 'API kills that were wanted and did not happen', count: kills, value: kills - deaths, max: 0, unit: '' }),
      ];
    } finally {
      await service.close();
      journal.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Restarts the API with another failpoint until it has died so many times. */
async function killApi(service: Service, kills: number, random: Random): Promise<number> {
  for (let kill = 0; kill < kills; kill++) {
    await service.killApi('SIGKILL');
    await service.startApi({ CUTROOM_FAILPOINT: `${random.pick(windows)}:kill:${random.integer(1, 3)}` });
    // What is left of a storm may not reach the point any more.
    await Promise.race([service.apiExited(), delay(20_000)]);
  }
  await service.killApi('SIGKILL');
  await service.startApi();
  return kills;
}

/** A client that does not give up: it repeats while nobody is there, or the first one with its key is still on the way. */
async function postUntilAnswered(url: string, key: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  for (;;) {
    const answer = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body }).catch(() => null);
    if (answer?.status === 202)
      return ((await answer.json().catch(() => ({}))) as { id?: string }).id ?? (await postUntilAnswered(url, key, body));
    if (answer && answer.status !== 409 && answer.status < 500) throw new Error(`${answer.status}: ${await answer.text()}`);
    await delay(200); // the API is away, or somebody else's claim is still open
  }
}

async function spread<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const run = async () => {
    for (let at = next++; at < items.length; at = next++) results.push(await work(items[at] as T));
  };
  await Promise.all(Array.from({ length: width }, run));
  return results;
}

async function listAll(url: string): Promise<number> {
  let count = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = (await (await fetch(`${url}/v1/jobs?limit=100${cursor && `&cursor=${cursor}`}`)).json()) as {
      data: unknown[];
      next_cursor: string | null;
    };
    count += page.data.length;
    cursor = page.next_cursor;
  }
  return count;
}
