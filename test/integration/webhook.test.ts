import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseNets } from '#runtime/address';
import { downloadFile } from '#runtime/download';
import { createSafeFetch } from '#runtime/safe-fetch';
import { createDelivery, createWebhookSecret, type Delivery } from '#runtime/webhook';

const { signal } = new AbortController();
const fetch = createSafeFetch({ allowNets: parseNets('127.0.0.0/8'), denyNets: [] });
const deliver = createDelivery(fetch);

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let base: string;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutroom-web-'));
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const secret = createWebhookSecret();
const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  url: `${base}/hook`,
  id: 'evt_1',
  timestamp: Math.floor(Date.now() / 1_000),
  body: JSON.stringify({ type: 'job.completed', data: { id: 'job_1', name: 'Überraschung' } }),
  secrets: [secret],
  signal,
  ...more,
});

describe('a webhook', () => {
  it('arrives as it was signed, and the public library believes it, with the old secret and the new', async () => {
    const older = createWebhookSecret();
    const seen: { headers: Record<string, string>; body: string }[] = [];
    answer = async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ headers: request.headers as Record<string, string>, body });
      response.end('thanks');
    };
    const sent = delivery({ secrets: [secret, older] });
    expect(await deliver(sent)).toEqual({
      outcome: 'delivered',
      status: 200,
      durationMs: expect.any(Number),
      error: null,
      retryAfterS: null,
    });
    const [{ headers, body }] = seen as [(typeof seen)[0]];
    expect(body).toBe(sent.body);
    for (const key of [secret, older]) expect(new Webhook(key).verify(body, headers)).toMatchObject({ type: 'job.completed' });
    expect(() => new Webhook(createWebhookSecret()).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  });

  it.each([
    [204, 'delivered'],
    [301, 'refused'],
    [400, 'refused'],
    [410, 'gone'],
    [429, 'throttled'],
    [500, 'refused'],
    [503, 'refused'],
    [504, 'throttled'],
  ] as const)('answered %i is %s', async (status, outcome) => {
    answer = (_request, response) => response.writeHead(status, { location: `${base}/elsewhere`, 'retry-after': '120' }).end();
    expect(await deliver(delivery())).toMatchObject({ outcome, status, retryAfterS: 120 });
  });

  it('to nobody is unreachable, and to a forbidden address is never sent', async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await deliver(delivery())).toMatchObject({ outcome: 'unreachable', status: null });
    server.listen(0, '127.0.0.1');
    expect(await deliver(delivery({ url: 'http://10.0.0.1/hook' }))).toMatchObject({ outcome: 'forbidden', status: null });
  });

  it('hangs up on a receiver that talks without end, and takes its status', async () => {
    let sent = 0;
    answer = (_request, response) => {
      const talk = () => {
        for (; !response.destroyed; sent++) if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', talk);
      };
      talk();
    };
    expect(await deliver(delivery())).toMatchObject({ outcome: 'delivered', status: 200 });
    expect(sent).toBeLessThan(200);
  });

  it('gives up on headers beyond 16 KB and on broken connections', async () => {
    answer = (_request, response) => response.writeHead(200, { 'x-long': 'x'.repeat(40_000) }).end();
    expect(await deliver(delivery())).toMatchObject({ outcome: 'unreachable' });
    answer = (request) => request.socket.destroy();
    expect(await deliver(delivery())).toMatchObject({ outcome: 'unreachable' });
  });

  it('stops at once when its signal is aborted', async () => {
    answer = () => {};
    const controller = new AbortController();
    const attempt = deliver(delivery({ signal: controller.signal }));
    setTimeout(() => controller.abort('shutdown'), 50); // while the receiver keeps the request waiting
    await expect(attempt).rejects.toBe('shutdown');
  });
});

describe('a download', () => {
  const wanted = (path: string, more = {}) => ({
    url: `${base}/films/my%20film.mp4`,
    path,
    maxBytes: 1_000_000,
    timeoutMs: 2_000,
    signal,
    ...more,
  });

  it('is the bytes of the address, measured', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'video/mp4' }).end('abc');
    const path = join(folder, 'film');
    expect(await downloadFile(fetch, wanted(path))).toEqual({
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      contentType: 'video/mp4',
      name: 'my film.mp4',
    });
    expect(await readFile(path, 'utf8')).toBe('abc');
  });

  const tooMuch = (response: ServerResponse) => response.end(Buffer.alloc(2_000_000));
  it.each([
    [
      'is announced as too large',
      (response: ServerResponse) => tooMuch(response.setHeader('content-length', 2_000_000)),
      'UPLOAD_TOO_LARGE',
    ],
    ['grows too large', (response: ServerResponse) => tooMuch(response.setHeader('transfer-encoding', 'chunked')), 'UPLOAD_TOO_LARGE'],
    [
      'is cut short',
      (response: ServerResponse) => response.writeHead(200, { 'content-length': 9 }).write('abc', () => response.destroy()),
      'URL_UNREACHABLE',
    ],
    ['is not there', (response: ServerResponse) => response.writeHead(404).end(), 'URL_UNREACHABLE'],
    ['never comes', () => {}, 'URL_UNREACHABLE'],
    ['stops in the middle', (response: ServerResponse) => response.write('abc'), 'URL_UNREACHABLE'],
  ])('that %s leaves no file', async (_what, respond, code) => {
    answer = (_request, response) => void respond(response);
    await expect(downloadFile(fetch, wanted(join(folder, 'film'), { timeoutMs: 500 }))).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });
});
