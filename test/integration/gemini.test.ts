import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { ProviderError, type ProviderFault } from '#contracts/ai';
import { createGemini } from '#director/gemini';
import type { Drawing, Provider, Question } from '#director/provider';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import type { Behaviour } from '../helpers/fake-gemini-behaviour.ts';
import { until } from '../helpers/until.ts';

let fake: FakeGemini;
let gemini: Provider;
const never = new AbortController().signal;

beforeAll(async () => {
  fake = await startFakeGemini();
  gemini = createGemini({ apiKey: 'k', baseUrl: fake.url, model: 'gemini-3.8-flash', imageModel: 'gemini-3.1-flash-image' });
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const schema = z.object({ title: z.string().max(100), tags: z.array(z.string()), chapters: z.array(z.object({ sentence: z.int() })) });
const question: Question<z.infer<typeof schema>> = {
  prompt: 'metadata.1',
  system: 'You name videos.',
  parts: [
    { kind: 'text', text: JSON.stringify({ task: 'metadata', sentences: ['Bridges carry roads over rivers.'] }) },
    { kind: 'audio', bytes: Buffer.from('sound'), contentType: 'audio/flac', seconds: 1 },
  ],
  schema,
  maxTokensOut: 500,
};
const drawing: Drawing = {
  prompt: 'draw.1',
  system: 'You draw.',
  parts: [{ kind: 'text', text: JSON.stringify({ task: 'draw', count: 2 }) }],
  aspect: '16:9',
  count: 2,
};

async function faultOf(
  behaviour: Behaviour,
  ask: () => Promise<unknown> = () => gemini.ask(question, never),
): Promise<ProviderFault | null> {
  fake.script(behaviour);
  const error = await ask().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(fake.calls).toHaveLength(1); // no layer below retries
  return error instanceof ProviderError ? error.fault : null;
}

it('asks with the key in a header, a schema the vendor understands, and media inline; it answers with what was used', async () => {
  const { value, usage } = await gemini.ask(question, never);
  expect(value).toMatchObject({
    title: 'Bridges carry roads over rivers.',
    tags: ['bridges', 'carry', 'roads', 'rivers'].slice(0, value.tags.length),
  });
  const { body, tokensIn, tokensOut, model } = fake.calls[0]!;
  expect(model).toBe('gemini-3.8-flash');
  expect(usage).toMatchObject({ tokensIn, tokensOut });
  expect(body.contents[0]?.parts[1]?.inlineData).toEqual({ mimeType: 'audio/flac', data: Buffer.from('sound').toString('base64') });
  expect(JSON.stringify(body.generationConfig?.responseJsonSchema)).not.toMatch(/\$schema|maxLength|additionalProperties|9007199254740991/);
  expect(body.generationConfig).toMatchObject({ maxOutputTokens: 500, responseMimeType: 'application/json' });
});

it('hears every fault once, for what it is', async () => {
  const cases: [Behaviour, ProviderFault][] = [
    [
      { kind: 'too_fast', retryDelay: '7s' },
      { kind: 'rate_limited', retryAfterMs: 7000 },
    ],
    [
      { kind: 'too_fast', retryDelay: null },
      { kind: 'rate_limited', retryAfterMs: null },
    ],
    [{ kind: 'day_spent' }, { kind: 'exhausted', retryAfterMs: 35_640_000 }],
    [{ kind: 'no_quota' }, { kind: 'refused' }],
    [{ kind: 'status', status: 503 }, { kind: 'unavailable' }],
    [{ kind: 'status', status: 500 }, { kind: 'unavailable' }],
    [{ kind: 'status', status: 400 }, { kind: 'refused' }],
    [{ kind: 'status', status: 403 }, { kind: 'refused' }],
    [{ kind: 'status', status: 404 }, { kind: 'refused' }],
    [{ kind: 'reset' }, { kind: 'unavailable' }],
    [{ kind: 'cut_body' }, { kind: 'unavailable' }],
    [{ kind: 'garbage' }, { kind: 'unavailable' }],
    [{ kind: 'blocked' }, { kind: 'refused' }],
    [{ kind: 'half_json' }, { kind: 'unusable' }],
    [{ kind: 'max_tokens' }, { kind: 'unusable' }],
    [{ kind: 'say', value: { title: 5 } }, { kind: 'unusable' }],
    [{ kind: 'say', text: '' }, { kind: 'unusable' }],
    [{ kind: 'huge', bytes: 10_000_000 }, { kind: 'unusable' }],
  ];
  for (const [behaviour, fault] of cases) {
    fake.reset();
    expect([behaviour, await faultOf(behaviour)]).toEqual([behaviour, fault]);
  }
});

it('takes only pictures whose bytes are pictures of the aspect that was asked for', async () => {
  const { value, usage } = await gemini.draw(drawing, never);
  expect(value.map(({ width, height, contentType }) => [width, height, contentType])).toEqual(Array(2).fill([1344, 768, 'image/png']));
  expect(usage.images).toBe(2);
  fake.reset();
  expect(await faultOf({ kind: 'bad_image' }, () => gemini.draw(drawing, never))).toEqual({ kind: 'unusable' });
  fake.reset();
  expect(await faultOf({ kind: 'answer' }, () => gemini.draw({ ...drawing, aspect: '1:1' }, never))).toEqual({ kind: 'unusable' });
});

it.each(['hang', 'drip'] as const)('closes the connection when its signal fires (%s)', async (kind) => {
  fake.script({ kind });
  const controller = new AbortController();
  const asked = gemini.ask(question, controller.signal);
  await until(() => fake.open === 1);
  controller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await until(() => fake.open === 0);
  expect(fake.calls[0]!.hungUp).toBe(true);
});

it('sends nothing when its signal has fired before', async () => {
  await expect(gemini.ask(question, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  expect(fake.calls).toEqual([]);
});

it('finds nobody there: unavailable', async () => {
  const gone = createGemini({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1', model: 'm', imageModel: 'i' });
  await expect(gone.ask(question, never)).rejects.toMatchObject({ fault: { kind: 'unavailable' } });
});
