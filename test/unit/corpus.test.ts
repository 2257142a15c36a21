import { expect, it } from 'vitest';
import type { OutputFile } from '#contracts/artifacts';
import type { JobView } from '#contracts/job';
import type { Engine } from '#engine/engine';
import { createCorpusReader } from '../../apps/worker/corpus.ts';

const signal = new AbortController().signal;
const plan = (footage: string, text: string) => ({
  source: { sha256: footage },
  captions: { words: text.split(' ').map((word) => ({ text: word })) },
});

/** Finished jobs of one tenant, the newest first: name of a file → what is in it, as a text when it is no JSON. */
function readerOf(jobs: Record<string, unknown>[]) {
  const files = new Map<string, string>();
  const outputs = jobs.map((job, index) =>
    Object.entries(job).map(([name, content]): OutputFile => {
      const key = `${index}/${name}`;
      files.set(key, typeof content === 'string' ? content : JSON.stringify(content));
      return { name, kind: 'plan', blob: { key, bytes: files.get(key)!.length, sha256: '', content_type: '' } };
    }),
  );
  const asked: unknown[] = [];
  const engine = {
    jobs: {
      async list(...wish: unknown[]) {
        asked.push(wish);
        return { data: jobs.map((_, index) => ({ id: String(index) }) as JobView), has_more: false, next_cursor: null };
      },
      outputs: async (_: string, id: string) => outputs[Number(id)] ?? null,
    } as unknown as Engine['jobs'],
  };
  const storage = { get: async (key: string) => (files.has(key) ? Buffer.from(files.get(key)!) : null) };
  return { read: createCorpusReader({ engine, storage }), asked };
}

it('the corpus of a tenant is its newest finished jobs, one for each footage, by title and by what is said', async () => {
  const { read, asked } = readerOf([
    { 'metadata.json': { title: 'Bridges' }, 'plan.json': plan('a', 'The bridges stand.') },
    { 'metadata.json': { title: 'Bridges, once more' }, 'plan.json': plan('a', 'Bridges fall.') },
    { 'metadata.json': { title: 'Seas' }, 'plan.json': plan('b', 'Salty seas') },
  ]);
  expect((await read('me', signal)).map(({ title, footage, stems }) => [title, footage, [...stems]])).toEqual([
    ['Bridges', 'a', ['bridge', 'stand']],
    ['Seas', 'b', ['salty', 'sea']],
  ]);
  expect(asked).toEqual([['me', { status: 'completed' }, { limit: 50 }]]);
});

it('a job without metadata, of another shape or beyond reading is no work', async () => {
  const { read } = readerOf([
    { 'plan.json': plan('a', 'Bridges') },
    { 'metadata.json': { title: '' }, 'plan.json': plan('b', 'Bridges') },
    { 'metadata.json': { title: 'Broken' }, 'plan.json': '{"source":' },
    { 'metadata.json': { title: 'Huge' }, 'plan.json': plan('c', 'x'.repeat(9_000_000)) },
    { 'metadata.json': { title: 'Good' }, 'plan.json': plan('d', 'Bridges') },
  ]);
  expect((await read('me', signal)).map(({ title }) => title)).toEqual(['Good']);
});
