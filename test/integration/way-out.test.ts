import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createGemini } from '#director/gemini';
import type { Question } from '#director/provider';
import { createSafeFetch } from '#runtime/safe-fetch';
import { type Proxies, setWayOut } from '#runtime/way-out';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import { until } from '../helpers/until.ts';

let fake: FakeGemini;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let undo: () => Promise<void> = async () => undefined;
const never = new AbortController().signal;
const question: Question<string> = {
  prompt: 'test.1',
  system: 'answer',
  parts: [{ kind: 'text', text: JSON.stringify({ task: 'echo' }) }],
  schema: z.string(),
  maxTokensOut: 10,
};

beforeAll(async () => {
  fake = await startFakeGemini();
  proxy = await startProxy(Number(new URL(fake.url).port));
});
beforeEach(() => {
  fake.reset();
  fake.become({ kind: 'say', value: 'hello' });
  proxy.asked.length = 0;
});
afterEach(() => undo());
afterAll(async () => {
  await proxy.close();
  await fake.close();
});

/** A proxy as companies have them; it alone knows the names, and each of them is the fake server. */
async function startProxy(port: number) {
  const asked: string[] = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const line = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    line.pipe(socket).pipe(line);
    socket.on('error', () => line.destroy()).on('close', () => line.destroy());
    line.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => void server.close(),
  };
}

const ask = (host: string) => {
  const baseUrl = `http://${host}:${new URL(fake.url).port}`;
  return createGemini({ apiKey: 'k', baseUrl, model: 'gemini-3.8-flash', imageModel: 'i' }).ask(question, never);
};
const use = (proxies: Partial<Proxies>) => {
  undo = setWayOut({ https: null, http: null, none: null, ...proxies });
};

it('the vendor’s SDK goes through the proxy of the environment', async () => {
  use({ http: proxy.url });
  expect(await ask('gemini.test')).toMatchObject({ value: 'hello' });
  expect(proxy.asked).toEqual([`gemini.test:${new URL(fake.url).port}`]);
});

it('hosts without a proxy, and this machine, are asked directly', async () => {
  use({ http: proxy.url, none: 'gemini.test' });
  await expect(ask('gemini.test')).rejects.toMatchObject({ fault: { kind: 'unavailable' } }); // nobody but the proxy knows the name
  expect(await ask('127.0.0.1')).toMatchObject({ value: 'hello' });
  expect(proxy.asked).toEqual([]);
});

it('without proxies nothing stands between', async () => {
  use({});
  expect(await ask('127.0.0.1')).toMatchObject({ value: 'hello' });
});

it('an abort closes the line through the proxy, too', async () => {
  use({ http: proxy.url });
  fake.become({ kind: 'hang' });
  const controller = new AbortController();
  const { port } = new URL(fake.url);
  const gemini = createGemini({ apiKey: 'k', baseUrl: `http://gemini.test:${port}`, model: 'm', imageModel: 'i' });
  const asked = gemini.ask(question, controller.signal);
  await until(() => fake.open === 1);
  controller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await until(() => fake.open === 0);
});

it('what is fetched for users is judged as before and takes no such way', async () => {
  use({ http: proxy.url });
  const safeFetch = createSafeFetch({ allowNets: [], denyNets: [] });
  const wish = { url: `${fake.url}/`, maxBytes: 1_000, timeoutMs: 1_000, signal: never };
  await expect(safeFetch(wish)).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
  expect([proxy.asked, fake.calls]).toEqual([[], []]);
});
