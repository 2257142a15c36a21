import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobView } from '#contracts/job';
import type { JobRequest } from '#contracts/request';
import { readPicture } from '#director/picture-bytes';
import type { CacheTotals } from '#runtime/cache-totals';
import { type Client, createClient } from '../helpers/client.ts';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import type { Behaviour } from '../helpers/fake-gemini-behaviour.ts';
import { type FakeResearch, startFakeResearch } from '../helpers/fake-research.ts';
import { makeSilentFilm } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import { makeSpeech, type SpokenWord } from '../helpers/speech.ts';
import { until } from '../helpers/until.ts';
import '../helpers/scratch.ts';

const phrases = [
  'Bridges carry roads over rivers.',
  'um',
  'you know',
  'Engineers test every bridge in the wind.',
  'So bridges stand for years.',
];
const lean = { preview: false, interchange: false, thumbnails: false, captions: true, metadata: true } as const;

let folder: string;
let fake: FakeGemini;
let world: FakeResearch;
let service: Service;
let client: Client;
let assetId: string;
let words: SpokenWord[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-director-'));
  const film = join(folder, 'talk.mp4');
  words = makeSpeech(film, phrases);
  fake = await startFakeGemini({ words });
  world = await startFakeResearch();
  const patience = {
    CUTROOM_AI_RETRY_MS: '10',
    CUTROOM_AI_CIRCUIT_MS: '100',
    CUTROOM_AI_CALL_SECONDS: '1',
    CUTROOM_AI_REQUESTS_PER_MINUTE: '1000',
  };
  service = await startService({
    env: { GEMINI_API_KEY: 'test-key', GEMINI_BASE_URL: fake.url, CUTROOM_RESEARCH_URL: world.url, ...patience },
  });
  client = createClient(service.url);
  assetId = (await client.upload(film)).id;
});
afterAll(async () => {
  await service.close();
  await Promise.all([fake.close(), world.close()]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => fake.reset());

const create = (request: Partial<JobRequest>) => client.create({ input: { asset_id: assetId }, features: lean, ...request });
const edit = async (request: Partial<JobRequest>) => client.ended((await create(request)).id);
const tasks = () => fake.calls.map(({ data }) => data['task']).sort();

describe('a talk that nobody transcribed', () => {
  it('is written down, understood, cut and named by the model, and paid for to the last call', async () => {
    const job = await edit({ mode: 'high_quality' });
    expect(job).toMatchObject({ status: 'completed', degraded: false, error: null });
    expect(tasks()).toEqual(['direct', 'metadata', 'transcribe', 'understand']);
    const plan = await client.plan(job.id);
    expect(plan.by).toBe('gemini:gemini-3.8-flash');
    expect(plan.cuts.filter(({ reason }) => reason === 'filler').map(({ text }) => text)).toEqual(['um', 'you know']);
    expect(plan.captions.words.map(({ text }) => text)).toEqual(
      words.map(({ text }) => text).filter((text) => !['um', 'you', 'know'].includes(text)),
    );
    await client.save(job.id, 'metadata.json', join(folder, 'metadata.json'));
    expect(JSON.parse(await readFile(join(folder, 'metadata.json'), 'utf8'))).toMatchObject({
      by: 'gemini:gemini-3.8-flash',
      title: 'Bridges carry roads over rivers.',
    });
    expect(job.usage.ai.calls).toBe(fake.calls.length);
    expect(job.usage.ai.tokens_in).toBe(fake.calls.reduce((sum, { tokensIn }) => sum + tokensIn, 0));
    expect(job.usage.ai.usd).toBeGreaterThan(0);
  });

  it('asks nothing when it is asked for again, and little when something else is wished', async () => {
    const again = await edit({ mode: 'high_quality' });
    expect([again.status, fake.calls.length, again.usage.ai.calls]).toEqual(['completed', 0, 0]);
    const similar = await edit({ mode: 'high_quality', quality: 'low', features: { ...lean, silence_removal: { pad_ms: 120 } } });
    expect(similar.status).toBe('completed');
    expect(fake.calls).toEqual([]); // its cuts lie elsewhere, its words are the same
    expect(similar.usage.ai.calls).toBe(0);
  });

  it('is in the figures of the system: what the workers’ caches were asked for, and missed', async () => {
    const read = async () => (await (await fetch(`${service.url}/v1/system/stats`)).json()) as { cache: CacheTotals };
    const held = async () => (await read()).cache.namespaces['responses']?.bytes;
    expect(await until(held)).toBeGreaterThan(0); // told every five seconds
    expect((await read()).cache).toMatchObject({ workers: 1, namespaces: { responses: { misses: expect.any(Number) } } });
  });
});

/** Words of one's own make a job of one's own: nothing of it is filed yet. */
const spoken = (mark: string) => ({
  words: words.map((word, index) => (index === 0 ? { ...word, text: `${mark} ${word.text}`.replace(' ', '-') } : word)),
});

describe.each<[string, Behaviour, 'recovers' | 'hopeless' | 'spent']>([
  ['overloaded', { kind: 'status', status: 503 }, 'recovers'],
  ['hanging', { kind: 'hang' }, 'recovers'],
  ['spent for the day', { kind: 'day_spent' }, 'spent'],
  ['cut short', { kind: 'half_json' }, 'hopeless'],
])('a model that is %s', (name, behaviour, prospect) => {
  it('is replaced, waited for or fatal, as the job wishes', async () => {
    fake.become(behaviour);
    const request = { mode: 'fast' as const, transcript: spoken(name.replaceAll(' ', '-')) };
    const wishes = ['fallback', 'wait', 'fail'] as const;
    const [fallback, waiting, failing] = await Promise.all(wishes.map((on_ai_unavailable) => create({ ...request, on_ai_unavailable })));
    const replaced = await client.ended(fallback!.id);
    expect(replaced).toMatchObject({ status: 'completed', degraded: true, usage: { ai: { calls: expect.any(Number) } } });
    expect(replaced.warnings).toContainEqual(expect.objectContaining({ code: 'AI_DEGRADED', stage: 'metadata' }));
    expect(await client.ended(failing!.id)).toMatchObject({ status: 'failed', error: { code: 'AI_FAILED', stage: 'metadata' } });
    await expectWait(waiting!, prospect);
  });
});

describe('a film without a word', () => {
  it('is looked at once, in a few small frames, and named by what is to be seen; the dry run knew the price', async () => {
    const { id } = await client.upload(makeSilentFilm(join(folder, 'silent.mp4'), { seconds: 12, size: '1280x720' }));
    const request = {
      input: { asset_id: id },
      mode: 'balanced' as const,
      quality: 'low' as const,
      features: { ...lean, thumbnails: { count: 2 } },
    };
    const { estimate } = (await (await client.post('/v1/jobs?dry_run=true', request)).json()) as {
      estimate: { ai_calls: number; usd: number };
    };
    const job = await client.ended((await client.create(request)).id);
    expect(job).toMatchObject({ status: 'completed', degraded: false, usage: { ai: { calls: 1 } } });
    expect([tasks(), estimate.ai_calls]).toEqual([['look'], 2]); // a drawing more, had a frame been striking enough
    expect(estimate.usd).toBeGreaterThanOrEqual(job.usage.ai.usd * 0.8);
    const images = fake.calls[0]!.body.contents.flatMap(({ parts }) => parts.flatMap(({ inlineData }) => inlineData ?? []));
    const sizes = images.map(({ data }) => readPicture(Buffer.from(data, 'base64'), '16:9'));
    expect(sizes.map((picture) => [picture?.contentType, picture?.width, picture?.height])).toEqual(
      Array.from({ length: 3 }, () => ['image/jpeg', 1_024, 576]),
    );
    await client.save(job.id, 'metadata.json', join(folder, 'silent.json'));
    const metadata = JSON.parse(await readFile(join(folder, 'silent.json'), 'utf8')) as Record<string, unknown>;
    expect(metadata).toMatchObject({ title: 'Colours that come and go', tags: ['colours', 'calm'], keywords: [] });
    for (const { headline } of (await client.plan(job.id)).thumbnails) expect(['Calm colours', 'Bright stripes']).toContain(headline);
  });
});

describe('what people look for', () => {
  const fast = { mode: 'fast' as const, features: lean };

  it('comes from the owner’s service into tags and the report, and costs one answer a day', async () => {
    const before = world.calls.length;
    const job = await edit({ ...fast, transcript: spoken('wanted') });
    expect(job).toMatchObject({ status: 'completed', degraded: false });
    await client.save(job.id, 'metadata.json', join(folder, 'wanted.json'));
    const { tags } = JSON.parse(await readFile(join(folder, 'wanted.json'), 'utf8')) as { tags: string[] };
    expect(tags.some((tag) => tag.includes('llamas'))).toBe(false);
    const { research } = await client.report(job.id);
    expect(research?.by).toMatch(/^127\.0\.0\.1:\d+#[0-9a-f]{8}$/);
    expect(research?.competitors.titles).toHaveLength(2);
    const asked = fake.calls.find(({ data }) => data['task'] === 'metadata');
    expect(asked?.data).toMatchObject({ looked_for: expect.arrayContaining([expect.stringContaining('documentary')]) });
    expect(world.calls.length - before).toBe(2);
    await edit({ ...fast, transcript: spoken('wanted'), quality: 'low' });
    expect(world.calls.length - before).toBe(2);
  });

  it('comes from the tenant’s own jobs when the service is away and the job says so, else the job ends', async () => {
    world.become({ status: 403 });
    const request = { ...fast, transcript: spoken('closed') };
    const [fallback, failing] = await Promise.all([edit(request), edit({ ...request, on_ai_unavailable: 'fail' })]);
    expect(fallback).toMatchObject({ status: 'completed', degraded: true });
    expect(fallback!.warnings).toContainEqual(expect.objectContaining({ code: 'AI_DEGRADED', stage: 'research' }));
    expect((await client.report(fallback!.id)).research?.by).toBe('corpus');
    expect(failing).toMatchObject({ status: 'failed', error: { code: 'AI_FAILED', stage: 'research' } });
    world.become(null);
  });
});

it('without money every stage that asks says so by its name, and the job is completed', async () => {
  const degradedBy = ({ warnings }: JobView) => warnings.filter(({ code }) => code === 'AI_DEGRADED').map(({ stage }) => stage);
  const poor = await edit({ mode: 'high_quality', transcript: spoken('penniless'), limits: { budget_usd: 0 } });
  expect(poor).toMatchObject({ status: 'completed', degraded: true, usage: { ai: { calls: 0, usd: 0 } } });
  expect(degradedBy(poor).sort()).toEqual(['direct', 'metadata', 'understand']);
});

async function expectWait({ id }: JobView, prospect: 'recovers' | 'hopeless' | 'spent'): Promise<void> {
  if (prospect === 'hopeless') {
    expect(await client.ended(id)).toMatchObject({ status: 'failed', error: { code: 'AI_FAILED', stage: 'metadata' } });
    return;
  }
  await until(async () => (await client.job(id)).stages.find((stage) => stage.name === 'metadata')?.status === 'queued');
  fake.become(null);
  if (prospect === 'spent') await client.post(`/v1/jobs/${id}/cancel`);
  else expect(await client.ended(id)).toMatchObject({ status: 'completed', degraded: false });
}
