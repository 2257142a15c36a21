import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChannel } from '#engine/conclude';
import { freePort } from '../../packages/runtime/redis-server.ts';
import { type Client, createClient } from '../helpers/client.ts';
import { connect, workThrough } from '../helpers/crew-member.ts';
import { type FakeCall, type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import { makeTalk } from '../helpers/footage.ts';
import { processesOf, waitUntilGone } from '../helpers/leftovers.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';
import { all, atMost, type ChaosTest, type Finding, none, percentile } from './chaos.ts';

interface Counts {
  /** Cancelled while the model hangs or drips. */
  calls: number;
  /** Jobs whose own time is over while the model hangs or drips. */
  late: number;
  /** Cancelled while ffmpeg runs. */
  renders: number;
  /** Cancelled, half of them so and half of them so, while nobody hears the channel of cancellations. */
  deaf: number;
}

export const t23: ChaosTest<Counts> = {
  title: 'Cancellations and time-outs while a model hangs or ffmpeg runs; some while their channel is down',
  full: { calls: 40, late: 20, renders: 30, deaf: 10 },
  run,
};

const atOnce = 20;
const soonS = 2;
const deafS = 10;

async function run(counts: Counts): Promise<Finding[]> {
  const field = await openField();
  const { fake, scratch } = field;
  const halfDeaf = Math.ceil(counts.deaf / 2);
  const marks = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}x`);
  try {
    const calls = await each(marks('call', counts.calls), atOnce, (mark) => cancelInCall(field, mark));
    const late = await outOfTime(field, marks('late', counts.late));
    const renders = await each(marks('render', counts.renders), 2, (mark) => cancelInRender(field, mark));
    await field.deafen();
    const deafCalls = await each(marks('deafcall', halfDeaf), atOnce, (mark) => cancelInCall(field, mark));
    const deafRenders = await each(marks('deafrender', counts.deaf - halfDeaf), 2, (mark) => cancelInRender(field, mark));
    const leftovers = await waitUntilGone(scratch, soonS * 1_000);
    const busy = 'worker_slots{pool="[a-z]+",state="busy"}';
    await until(async () => (await field.gauge(busy)) === 0, deafS * 1_000).catch(() => false); // a deaf job's other nodes look by themselves
    const asked = fake.calls.filter(({ data }) => data['task'] === 'understand' && isHung(data));
    return [
      all('sockets of open calls closed', asked.length, asked.filter(({ hungUp, endedMs }) => hungUp && endedMs !== null).length),
      slowest('socket closed after a cancellation', calls, soonS),
      slowest('socket closed after the end of a job’s time', late.seconds, soonS),
      slowest('children gone after a cancellation', renders, soonS),
      slowest('socket closed, channel down', deafCalls, deafS),
      slowest('children gone, channel down', deafRenders, deafS),
      all('calls open at once, as the gauge has them', counts.late, late.gauge),
      none('slots busy afterwards, as the gauge has them', 1, await field.gauge(busy)),
      none(
        'calls open afterwards, as the gauge and the provider have them',
        1,
        (await field.gauge('circuit_calls_open{name="[^"]+"}')) + fake.open,
      ),
      none('children and folders left behind', counts.renders + counts.deaf, leftovers.length + readdirSync(scratch).length),
    ];
  } finally {
    await field.close();
  }
}

const slowest = (what: string, seconds: readonly number[], max: number) =>
  atMost({ what, count: seconds.length, value: percentile(seconds, 1), max, unit: 's' });

async function each<T>(items: readonly T[], hands: number, work: (item: T) => Promise<number>): Promise<number[]> {
  const results: number[] = [];
  await workThrough(items, hands, async (item) => void results.push(await work(item)));
  return results;
}

interface Field {
  client: Client;
  fake: FakeGemini;
  /** Where stages run. */
  scratch: string;
  create(mark: string, request: object): Promise<string>;
  /** Workers hear of cancellations no more. */
  deafen(): Promise<void>;
  /** Sum of a worker's gauge over its labels, given as a pattern. */
  gauge(pattern: string): Promise<number>;
  close(): Promise<void>;
}

const lean = { preview: false, interchange: false, thumbnails: false, captions: false, metadata: false };

/** A service with one worker, and a film of which everything that does not depend on a job's wishes is made already. */
async function openField(): Promise<Field> {
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-cancel-'));
  const fake = await startFakeGemini();
  fake.become(({ data }, number) => (isHung(data) ? { kind: number % 2 === 0 ? 'hang' : 'drip' } : { kind: 'answer' }));
  const port = await freePort();
  const service = await startService({ workerEnv: { CUTROOM_PORT: String(port) }, env: toEnvironment(fake) });
  const admin = await connect(service.redis.url);
  const client = createClient(service.url);
  const film = makeTalk(join(folder, 'talk.mp4'), { seconds: 16, size: '1280x720' });
  const input = { asset_id: (await client.upload(film)).id };
  const first = await client.ended(
    (await client.create({ input, mode: 'fast', quality: 'low', features: lean, transcript: spoken('first') })).id,
  );
  if (first.status !== 'completed') throw new Error(`the first job ended as ${first.status}: ${first.error?.message}`);
  return {
    client,
    fake,
    scratch: join(service.dataDir, 'scratch'),
    create: async (mark, request) => (await client.create({ input, features: lean, transcript: spoken(mark), ...request })).id,
    deafen: () => deafen(admin),
    gauge: (pattern) => readGauge(port, pattern),
    close: () => closeField({ admin, service, fake, folder }),
  };
}

const toEnvironment = (fake: FakeGemini) => ({
  GEMINI_API_KEY: 'test-key',
  GEMINI_BASE_URL: fake.url,
  CUTROOM_AI_CONCURRENCY: String(atOnce),
  CUTROOM_AI_CALLS_AT_ONCE: String(atOnce),
  CUTROOM_AI_REQUESTS_PER_MINUTE: '10000',
  CUTROOM_RECONCILE_SECONDS: '1',
});

type Admin = Awaited<ReturnType<typeof connect>>;

async function deafen(admin: Admin): Promise<void> {
  await admin.acl('SETUSER', 'default', '-subscribe');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  const listeners = async () => Number((await admin.pubsub('NUMSUB', endChannel))[1]);
  await until(async () => (await listeners()) === 0);
}

async function closeField({ admin, service, fake, folder }: { admin: Admin; service: Service; fake: FakeGemini; folder: string }) {
  admin.disconnect();
  await service.close();
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Words of one's own make questions of one's own: nothing is answered from a cache, nobody shares a call. */
const spoken = (mark: string) => ({
  words: [mark, 'bridges', 'carry', 'roads.'].map((text, index) => ({ text, start_s: 0.2 + 0.4 * index, end_s: 0.5 + 0.4 * index })),
});

const isHung = (data: FakeCall['data']) => !/(first|render)/.test(JSON.stringify(data));

/** Seconds from the cancellation to the end of the job's one call. */
async function cancelInCall(field: Field, mark: string): Promise<number> {
  const id = await field.create(mark, { mode: 'balanced', on_ai_unavailable: 'wait' });
  const call = await until(() => callOf(field, mark), 60_000);
  const cancelledMs = await cancel(field, id);
  return ((await ended(call)) - cancelledMs) / 1_000;
}

/** Seconds from the end of each job's time to the end of its call, and the gauge's figure when all of them hung. */
async function outOfTime(field: Field, marks: readonly string[]): Promise<{ seconds: number[]; gauge: number }> {
  const ids = await Promise.all(marks.map((mark) => field.create(mark, { mode: 'balanced', limits: { timeout_s: 10 } })));
  await until(() => marks.every((mark) => callOf(field, mark)), 9_000);
  const gauge = await field.gauge('circuit_calls_open{name="[^"]+"}');
  const jobs = await Promise.all(ids.map((id) => field.client.ended(id)));
  const ends = await Promise.all(marks.map((mark) => ended(callOf(field, mark)!)));
  if (jobs.some(({ error }) => error?.code !== 'JOB_TIMEOUT')) throw new Error('a job ended in another way than by its time');
  return {
    gauge,
    seconds: jobs.map(({ finished_at }, index) => (performance.timeOrigin + ends[index]! - Date.parse(finished_at!)) / 1_000),
  };
}

/** Seconds from the cancellation until the job's last media process is gone. */
async function cancelInRender(field: Field, mark: string): Promise<number> {
  const id = await field.create(mark, {
    mode: 'high_quality',
    quality: 'ultra',
    features: { ...lean, smart_render: false },
    output: { max_height: 300 + 2 * (hash(mark) % 200) },
  });
  const children = await until(() => nonEmpty(childrenOf(field, id)), 120_000);
  const cancelledMs = await cancel(field, id);
  const isGone = () => children.every((pid) => !existsSync(`/proc/${pid}`)) && childrenOf(field, id).length === 0;
  await until(isGone, 30_000);
  return (performance.now() - cancelledMs) / 1_000;
}

/** The moment before; the job must not have ended by itself. */
async function cancel({ client }: Field, id: string): Promise<number> {
  const atMs = performance.now();
  const { status } = await client.post(`/v1/jobs/${id}/cancel`);
  if (status !== 202) throw new Error(`the cancellation was answered ${status}`);
  return atMs;
}

const callOf = ({ fake }: Field, mark: string) => fake.calls.find(({ data }) => JSON.stringify(data).includes(mark));

const ended = (call: FakeCall): Promise<number> => until(() => call.endedMs, 30_000);

/** Process ids of what renders for a job. */
function childrenOf({ scratch }: Field, id: string): string[] {
  const folders = readdirSync(scratch).filter((name) => name.startsWith(`${id}.render-chunk`));
  const lines = folders.flatMap((name) => processesOf(join(scratch, name))).filter((line) => line.includes('ffmpeg'));
  return lines.map((line) => line.split(' ')[0]!);
}

const nonEmpty = <T>(items: T[]) => (items.length > 0 ? items : null);

const hash = (text: string) => [...text].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 9_973, 7);

async function readGauge(port: number, pattern: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const values = [...text.matchAll(new RegExp(`^cutroom_${pattern} (\\S+)$`, 'gm'))].map(([, value]) => Number(value));
  if (values.length === 0) throw new Error(`the worker tells nothing of ${pattern}`);
  return values.reduce((sum, value) => sum + value, 0);
}
