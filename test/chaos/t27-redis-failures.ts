import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createFileStorage } from '#storage/file';
import { createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';
import { atMost, type ChaosTest, type Finding, none, percentile } from './chaos.ts';
import { openJournal } from './journal.ts';
import { type FaultName, type FrailRedis, faultNames, startFrailRedis } from './redis-faults.ts';
import { paced } from './toy/paced.ts';

interface Counts {
  faults: readonly FaultName[];
  /** Of each fault. */
  seconds: number;
  perSecond: number;
}

interface Answer {
  kind: 'create' | 'read';
  atMs: number;
  ms: number;
  /** 0 = none came. */
  status: number;
  retryAfter: boolean;
}

interface Episode {
  fault: FaultName;
  answers: Answer[];
  /** From healing to the first job that was taken. */
  backS: number;
  logLines: { api: number; worker: number };
  seconds: number;
}

const backWithinS = 5;

/** The real API and a real worker while their Redis fails in seven ways, one after the other, under load. */
export const t27: ChaosTest<Counts> = {
  title: 'the queue Redis refused, stopped, in a black hole, NOAUTH, LOADING, READONLY, OOM, at 50 requests a second',
  full: { faults: faultNames, seconds: 60, perSecond: 50 },

  async run({ faults, seconds, perSecond }) {
    const folder = mkdtempSync(join(tmpdir(), 'cutroom-chaos-'));
    const journal = openJournal(join(folder, 'acknowledged'));
    const frail = await startFrailRedis();
    const service = await startService({ redis: frail.redis, env: { CUTROOM_RECONCILE_SECONDS: '2' } });
    try {
      const client = createClient(service.url);
      const { id: asset_id } = await client.upload(makeTalk(join(folder, 'talk.mp4'), { seconds: 2, size: '320x240' }));
      const request = {
        input: { asset_id },
        features: { preview: false, thumbnails: false, captions: false, metadata: false, interchange: false },
      };
      const first = await client.create(request);
      await client.ended(first.id); // from here on every job is answered from what is filed, so that thousands can run
      const ask = createAsker({ service, known: first.id, body: JSON.stringify(request), onJob: (id) => journal.add(id) });
      const { apiPid } = service;
      const episodes: Episode[] = [];
      for (const fault of faults) episodes.push(await strike({ fault, frail, service, ask, seconds, perSecond }));
      const taken = journal.ids();
      const budgetMs = 60_000 + taken.length * 100;
      const storage = await createFileStorage(join(service.dataDir, 'storage'));
      await until(async () => (await storage.list('open/jobs/', { limit: 1 })).length === 0, budgetMs).catch(() => false);
      const outcomes = await Promise.all(taken.map((id) => completionsOf(service, id)));
      const manifests = await storage.list('t/local/jobs/', { limit: 100_000 });
      return [
        ...episodes.flatMap(judge),
        none('202 and never completed', taken.length, outcomes.filter((count) => count === 0).length),
        none('late adds doubled: completed twice', taken.length, outcomes.filter((count) => count > 1).length),
        none('jobs that nobody was told of', manifests.length, Math.max(0, manifests.length - taken.length - 1)),
        none('unhandled rejections', service.log.length, service.log.filter((line) => line.includes('unhandled rejection')).length),
        none('restarts of the API', 1, service.apiPid === apiPid ? 0 : 1),
      ];
    } finally {
      await service.close();
      await frail.close();
      journal.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Strike {
  fault: FaultName;
  frail: FrailRedis;
  service: Service;
  ask: Ask;
  seconds: number;
  perSecond: number;
}

async function strike({ fault, frail, service, ask, seconds, perSecond }: Strike): Promise<Episode> {
  const from = service.log.length;
  const startMs = performance.now();
  const answers: Answer[] = [];
  // Under load already when it strikes, so that it meets requests on their way.
  const loading = paced({ count: seconds * perSecond, overMs: seconds * 1_000 }, async (index) =>
    answers.push(await ask(index % 2 ? 'read' : 'create')),
  );
  await delay(Math.min(500, seconds * 100));
  await frail.break(fault);
  await loading;
  const lines = service.log.slice(from);
  const lasted = (performance.now() - startMs) / 1000;
  await frail.heal(fault);
  const healedMs = performance.now();
  const back = await until(async () => (await ask('create')).status === 202, 30_000).catch(() => false);
  return {
    fault,
    answers,
    backS: back ? (performance.now() - healedMs) / 1000 : Number.POSITIVE_INFINITY,
    logLines: { api: countOf(lines, 'api'), worker: countOf(lines, 'worker') },
    seconds: lasted,
  };
}

function judge({ fault, answers, backS, logLines, seconds }: Episode): Finding[] {
  const creates = answers.filter(({ kind }) => kind === 'create');
  const reads = answers.filter(({ kind }) => kind === 'read');
  const wellRefused = ({ status, retryAfter }: Answer) => status === 202 || (status === 503 && retryAfter);
  return [
    none(
      `${fault}: creates without a 202, or a 503 that says when to come back`,
      creates.length,
      creates.filter((answer) => !wellRefused(answer)).length,
    ),
    atMost({
      what: `${fault}: create p99`,
      count: creates.length,
      value: percentile(
        creates.map(({ ms }) => ms),
        0.99,
      ),
      max: 1_000,
      unit: 'ms',
    }),
    atMost({
      what: `${fault}: reads other than 200`,
      count: reads.length,
      value: share(reads, ({ status }) => status !== 200),
      max: 1,
      unit: '%',
    }),
    atMost({ what: `${fault}: log of the API`, count: logLines.api, value: logLines.api / seconds, max: 1, unit: 'lines/s' }),
    atMost({ what: `${fault}: log of the worker`, count: logLines.worker, value: logLines.worker / seconds, max: 1, unit: 'lines/s' }),
    atMost({ what: `${fault}: back after healing, no restart`, count: 1, value: backS, max: backWithinS, unit: 's' }),
  ];
}

const share = (answers: readonly Answer[], is: (answer: Answer) => boolean): number =>
  (100 * answers.filter(is).length) / Math.max(1, answers.length);

const countOf = (lines: readonly string[], name: string): number => lines.filter((line) => line.includes(`"name":"${name}"`)).length;

type Ask = (kind: Answer['kind']) => Promise<Answer>;

/** One request, timed until its body has been read. */
function createAsker(parts: { service: Service; known: string; body: string; onJob: (id: string) => void }): Ask {
  const { service, known, body, onJob } = parts;
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  return async (kind) => {
    const startMs = performance.now();
    const path = kind === 'create' ? '/v1/jobs' : `/v1/jobs/${known}`;
    const signal = AbortSignal.timeout(15_000);
    const answer = await fetch(`${service.url}${path}`, kind === 'create' ? { ...post, signal } : { signal }).catch(() => null);
    const view = (await answer?.json().catch(() => null)) as { id?: string } | null;
    if (answer?.status === 202 && view?.id) onJob(view.id);
    return {
      kind,
      atMs: startMs,
      ms: performance.now() - startMs,
      status: answer?.status ?? 0,
      retryAfter: answer?.headers.has('retry-after') ?? false,
    };
  };
}

/** How often its history says that it was completed; a history that does not end within half a minute says nothing. */
async function completionsOf(service: Service, id: string): Promise<number> {
  const ask = (path: string, accept: string) =>
    fetch(`${service.url}/v1/jobs/${id}${path}`, { headers: { accept }, signal: AbortSignal.timeout(30_000) }).then((answer) =>
      answer.text(),
    );
  const { status } = JSON.parse(await ask('', 'application/json')) as { status: string };
  if (status !== 'completed') return 0;
  const events = await ask('/events', 'text/event-stream').catch(() => '');
  return events.split('event: job.completed').length - 1;
}
