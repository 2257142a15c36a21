import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProviderError } from '#contracts/ai';
import type { CutroomError } from '#contracts/errors';
import { researchSchema } from '#contracts/research';
import { createEndpointSource } from '#director/endpoint-source';
import { findKeyPhrases } from '#director/keywords';
import { stemsOf } from '#director/research';
import { parseNets } from '#runtime/address';
import { createCache } from '#runtime/cache';
import { createGuard } from '#runtime/resilience';
import { createSafeFetch } from '#runtime/safe-fetch';
import { createTelemetry } from '#runtime/telemetry';
import { createResearchDesk } from '../../apps/worker/research.ts';
import { createEndpointPost } from '../../apps/worker/research-endpoint.ts';
import { type FakeResearch, type ResearchBehaviour, startFakeResearch } from '../helpers/fake-research.ts';
import { lectureSentences } from '../helpers/recording.ts';
import { until } from '../helpers/until.ts';

const signal = new AbortController().signal;
const phrases = findKeyPhrases(lectureSentences.join(' ').split(' '), 40);
const question = { phrases, footage: 'own' };
const works = ['Bridges of iron', 'How cables hold', 'Why is the sea salty?', 'Bridges never sleep', 'Old stones', 'Own title'].map(
  (title, index) => ({ title, footage: index === 5 ? 'own' : `work ${index}`, stems: new Set(stemsOf(`${title} engineers`)) }),
);
const telemetry = createTelemetry({ processMetrics: false });
let fake: FakeResearch;
let reads = 0;

beforeAll(async () => {
  fake = await startFakeResearch();
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.become(null);
  fake.calls.length = 0;
  reads = 0;
});

function createService() {
  const retry = { tries: 3, minMs: 1, maxMs: 2, blindMs: 1, longestMs: 60_000 };
  const guard = createGuard({ name: 'research', redis: null, concurrency: 4, requestsPerMinute: 1_000, totalMs: 500, telemetry, retry });
  const safeFetch = createSafeFetch({ allowNets: parseNets('127.0.0.0/8'), denyNets: [] });
  return createEndpointSource('fake#1', createEndpointPost({ url: fake.url, key: 'secret', safeFetch, guard }));
}

/** A day and more can pass between two questions. */
function openDesk() {
  const clock = { ms: 1e12 };
  const cache = createCache({ remote: null, telemetry, maxBytes: 1e6, maxValueBytes: 65_536, now: () => clock.ms, random: () => 0.5 });
  const readWorks = async (tenant: string) => {
    reads++;
    return tenant === 'a' ? works : [];
  };
  return { clock, desk: createResearchDesk({ cache, telemetry, readWorks, service: createService() }) };
}

/** Every source there is, as the worker asks it; a new one is added here. */
const sources = ['askCorpus', 'askService'] as const;

describe.each(sources)('the research source of %s', (ask) => {
  it('gives what fits its shape, and says whose it is', async () => {
    const found = await openDesk().desk[ask]('a', question, signal);
    expect(researchSchema.parse(found)).toEqual(found);
    expect(found.by).toBe(ask === 'askCorpus' ? 'corpus' : 'fake#1');
    expect(found.keywords.length).toBeGreaterThan(0);
    expect(found.competitors.titles.length).toBeGreaterThan(1);
    expect(found.competitors.shape?.questions).toBeGreaterThan(0);
  });

  it('is not asked about a recording without words', async () => {
    const found = await openDesk().desk[ask]('a', { ...question, phrases: [] }, signal);
    expect([found.keywords, found.competitors, reads, fake.calls]).toEqual([[], { titles: [], shape: null }, 0, []]);
  });

  it('is asked once a day for keywords and once a week for competitors, each tenant by itself', async () => {
    const { clock, desk } = openDesk();
    const asked = () => (ask === 'askCorpus' ? reads : fake.calls.length);
    const look = async (tenant: string) => {
      await desk[ask](tenant, question, signal);
      return asked();
    };
    expect([await look('a'), await look('a')]).toEqual([2, 2]);
    clock.ms += 37 * 3_600_000; // a day, and half of one in which the old answer is shown while a new one is made
    expect(await look('a')).toBe(3);
    clock.ms += 8 * 86_400_000;
    expect(await look('a')).toBe(5);
    expect(await look('b')).toBe(7);
  });
});

describe('the corpus of a tenant', () => {
  it('values what its other works seldom speak of', async () => {
    const { keywords } = await openDesk().desk.askCorpus('a', question, signal);
    const scoreOf = (part: string) => keywords.find(({ text }) => text.includes(part))?.score;
    expect(scoreOf('engineers')).toBeLessThan(0.8); // in each of them
    expect(scoreOf('steel')).toBe(1); // in none
  });

  it('names the nearest titles first, and not what was made of the same footage', async () => {
    const { titles } = (await openDesk().desk.askCorpus('a', question, signal)).competitors;
    expect(titles.slice(0, 3).toSorted()).toEqual(['Bridges never sleep', 'Bridges of iron', 'How cables hold']);
    expect(titles).not.toContain('Own title');
  });

  it('knows nothing of another tenant, and says so by being neutral', async () => {
    const found = await openDesk().desk.askCorpus('b', question, signal);
    expect(new Set(found.keywords.map(({ score }) => score))).toEqual(new Set([0.5]));
    expect(found.competitors).toEqual({ titles: [], shape: null });
  });
});

describe('a research service', () => {
  it('is told key phrases, never what was said, and shown its key', async () => {
    await openDesk().desk.askService('a', question, signal);
    expect(fake.calls.map(({ question: { kind } }) => kind).toSorted()).toEqual(['competitors', 'keywords']);
    for (const { question: sent, authorization } of fake.calls) {
      expect([sent.version, authorization]).toEqual([1, 'Bearer secret']);
      expect(sent.phrases).toEqual(phrases.slice(0, 20).map(({ text }) => text));
    }
  });

  it.each<[string, ResearchBehaviour, string | RegExp]>([
    ['overloaded', { status: 503 }, 'AI_UNAVAILABLE'],
    ['hanging', 'hang', 'AI_UNAVAILABLE'],
    ['refusing', { status: 403 }, 'refused'],
    ['elsewhere', { status: 302 }, 'refused'],
    ['no JSON', { text: '<html>' }, 'unusable'],
    ['of another shape', { value: { keywords: 'all', titles: {} } }, 'unusable'],
    ['endless', { text: 'x'.repeat(2_000_000) }, 'refused'],
  ])('that is %s is a fault with a name, and nothing of it is kept', async (_, behaviour, expected) => {
    const { desk } = openDesk();
    fake.become(behaviour);
    const fault = await desk.askService('a', question, signal).catch((error: unknown) => error);
    expect(fault instanceof ProviderError ? fault.fault.kind : (fault as CutroomError).code).toBe(expected);
    fake.become(null);
    fake.calls.length = 0;
    if (expected === 'AI_UNAVAILABLE') return; // its circuit may be open
    await desk.askService('a', question, signal).catch(() => undefined);
    await until(() => fake.calls.length > 0);
  });

  it('puts nothing into a video’s world that is long, hidden, clickable or not there', async () => {
    const odd = ['x'.repeat(81), 'visit https://evil.example', '<b>bridge</b>', 'bridge\u202e', '', '  '];
    fake.become({ value: { keywords: odd.map((text) => ({ text, score: 9e99 })), titles: odd.map((title) => ({ title })) } });
    const found = await openDesk().desk.askService('a', question, signal);
    expect(found.keywords).toEqual([]);
    expect(found.competitors.titles).toEqual(['x'.repeat(81)]);
  });
});
