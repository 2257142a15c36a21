import { GoogleGenerativeAI } from '@google/generative-ai';
import { GoogleAIFileManager } from '@google/generative-ai/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';

let fake: FakeGemini;
beforeAll(async () => {
  fake = await startFakeGemini();
});
afterAll(() => fake.close());

const model = () => new GoogleGenerativeAI('k').getGenerativeModel({ model: 'm' }, { baseUrl: fake.url });

it('streams and counts tokens as the vendor’s SDK expects it', async () => {
  fake.script({ kind: 'say', text: 'in pieces' });
  const { stream } = await model().generateContentStream('a question');
  const texts: string[] = [];
  for await (const piece of stream) texts.push(piece.text());
  expect(texts.join('')).toBe('in pieces');
  expect(await model().countTokens('four letters each')).toEqual({ totalTokens: 5 });
});

it('keeps files until they are deleted', async () => {
  const manager = new GoogleAIFileManager('k', { baseUrl: fake.url });
  const { file } = await manager.uploadFile(Buffer.from('sound'), { mimeType: 'audio/flac' });
  expect(file).toMatchObject({ mimeType: 'audio/flac', state: 'ACTIVE' });
  expect((await manager.listFiles()).files).toHaveLength(1);
  await manager.deleteFile(file.name);
  await expect(manager.getFile(file.name)).rejects.toThrow('404');
});

it('knows how many asked at once', async () => {
  fake.reset();
  fake.become({ kind: 'answer', delayMs: 30 });
  await Promise.all([model().generateContent('a'), model().generateContent('b')]);
  expect(fake.mostOpen).toBe(2);
  expect(fake.calls.map(({ hungUp }) => hungUp)).toEqual([false, false]);
});
