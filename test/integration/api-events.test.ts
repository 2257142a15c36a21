import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../helpers/api.ts';

let api: TestApi;
let id: string;
beforeEach(async () => {
  api = await startApi();
  id = (await api.app.inject({ method: 'POST', url: '/v1/jobs', payload: { input: { asset_id: (await api.upload()).json().id } } })).json()
    .id;
});
afterEach(() => api.close());

const sse = { accept: 'text/event-stream' };
const stream = (headers: Record<string, string> = {}) => api.app.inject({ url: `/v1/jobs/${id}/events`, headers: { ...sse, ...headers } });
const messages = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('id:'))
    .map(
      (block) =>
        Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/, 2))) as { id: string; event: string; data: string },
    );

test('events are a list that can go on behind one of them', async () => {
  api.engine.advance(id, { status: 'processing' }, 'job.started');
  const { data } = (await api.app.inject(`/v1/jobs/${id}/events`)).json();
  expect(data.map(({ type }: { type: string }) => type)).toEqual(['job.created', 'job.started']);
  expect((await api.app.inject(`/v1/jobs/${id}/events?after=${data[0].id}`)).json().data).toEqual([data[1]]);
});

test('a stream tells what was and what comes, and ends after the terminal event', async () => {
  const open = stream();
  await new Promise((resolve) => setImmediate(resolve)); // lets the stream begin to follow
  api.engine.advance(id, { status: 'processing' }, 'job.started');
  api.engine.advance(id, { status: 'completed' }, 'job.completed');
  const answer = await open;
  expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  expect(answer.headers['x-request-id']).toMatch(/^req_/);
  expect(answer.body).toMatch(/^retry: \d+\n\n/);
  expect(messages(answer.body).map(({ event }) => event)).toEqual(['job.created', 'job.started', 'job.completed']);
  expect(JSON.parse(messages(answer.body)[0]!.data)).toMatchObject({ type: 'job.created', data: { job_id: id } });
});

test('Last-Event-ID goes on where the client was, without a gap and without a repeat', async () => {
  api.engine.advance(id, {}, 'job.started');
  api.engine.advance(id, { status: 'failed' }, 'job.failed');
  const all = messages((await stream()).body);
  expect(messages((await stream({ 'last-event-id': all[0]!.id })).body)).toEqual(all.slice(1));
  expect(messages((await stream({ 'last-event-id': 'not ours!' })).body)).toEqual(all);
});

test('a stream of an unknown job is a problem, not an empty stream', async () => {
  const answer = await api.app.inject({ url: '/v1/jobs/job_01J00000000000000000000000/events', headers: sse });
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'NOT_FOUND']);
});

test('closing the application ends open streams at once', async () => {
  const open = stream();
  await new Promise((resolve) => setImmediate(resolve)); // lets the stream begin to follow
  const startedMs = Date.now();
  await api.app.close();
  expect((await open).body).toContain('retry:');
  expect(Date.now() - startedMs).toBeLessThan(2_000);
});

test('a client that goes away ends its stream', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as { port: number };
  let ended = false;
  const { follow } = api.engine.events;
  api.engine.events.follow = async function* (...args) {
    try {
      yield* follow(...args);
    } finally {
      ended = true;
    }
  };
  const client = httpRequest({ port, path: `/v1/jobs/${id}/events`, headers: sse }, (answer) =>
    answer.once('data', () => client.destroy()),
  );
  client.end();
  await expect.poll(() => ended).toBe(true);
});
