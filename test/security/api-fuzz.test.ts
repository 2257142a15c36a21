import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../helpers/api.ts';
import { createChecker, createRandom, createValue, listOperations, type Operation, pick, type Random } from '../helpers/fuzz.ts';

const count = 2_700;
const malformed = 300;
const seed = Number(process.env['CUTROOM_TEST_SEED'] ?? Date.now() % 1_000_000);

let api: TestApi;
let operations: Operation[];
let ids: string[];
beforeAll(async () => {
  api = await startApi();
  operations = listOperations((await api.app.inject('/openapi.json')).json());
  const asset = (await api.upload()).json().id;
  const job = (await api.app.inject({ method: 'POST', url: '/v1/jobs', payload: { input: { asset_id: asset } } })).json().id;
  ids = [asset, job, 'x', '../x', '%00', 'a'.repeat(250)];
});
afterAll(() => api.close());

function createRequest(operation: Operation, random: Random) {
  const text = (value: unknown) =>
    encodeURIComponent(typeof value === 'string' ? value.replace(/[\ud800-\udfff]/g, '') : JSON.stringify(value));
  const path = operation.path.replace(/\{\w+\}/g, () => text(pick(random, ids)));
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && random() < 0.4)
    .map(({ name, schema }) => `${name}=${text(createValue(schema, random))}`);
  const payload = operation.body && random() > 0.05 ? JSON.stringify(withKnownIds(createValue(operation.body, random), random)) : undefined;
  return {
    method: operation.method as 'GET',
    url: query.length > 0 ? `${path}?${query.join('&')}` : path,
    headers: payload === undefined ? {} : { 'content-type': random() < 0.97 ? 'application/json' : 'text/plain' },
    ...(payload === undefined ? {} : { payload }),
  };
}

/** Half of the time the id is one that exists, so that requests come further than the first look-up. */
function withKnownIds(value: unknown, random: Random): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_key, item) =>
    item === 'ast_01J00000000000000000000000' && random() < 0.7 ? ids[0] : item,
  );
}

test(`${count} requests made of the API’s own document get only answers that the document declares (seed ${seed})`, {
  timeout: 120_000,
}, async () => {
  const random = createRandom(seed);
  const check = createChecker();
  const faults: string[] = [];
  const seen = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const operation = pick(random, operations);
    const request = createRequest(operation, random);
    const answer = await api.app.inject(request);
    const status = answer.statusCode;
    seen.set(status, (seen.get(status) ?? 0) + 1);
    const tell = (what: string) =>
      faults.push(`${request.method} ${request.url} ${request.payload ?? ''} → ${status} ${what} ${answer.body.slice(0, 300)}`);
    if (status >= 500 && status !== 503 && status !== 507) tell('is our fault');
    const schema = operation.answers.get(String(status)) ?? (status >= 400 ? operation.answers.get('default') : undefined);
    if (!operation.answers.has(String(status)) && !(status >= 400 && operation.answers.has('default'))) tell('is not declared');
    const type = String(answer.headers['content-type'] ?? '');
    if (status >= 400 && !(status === 503 && operation.path === '/readyz') && !type.startsWith('application/problem+json'))
      tell('is no problem');
    if (schema && type.includes('json')) {
      const fault = check(schema, answer.json());
      if (fault) tell(`does not fit its schema: ${fault}`);
    }
  }
  expect(faults.slice(0, 5)).toEqual([]);
  expect([...seen.keys()].filter((status) => status < 300).length).toBeGreaterThan(2);
  expect((await api.app.inject('/healthz')).statusCode).toBe(200);
});

test(`${malformed} malformed messages on raw sockets get a problem or a closed line, and the service goes on (seed ${seed})`, {
  timeout: 60_000,
}, async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as { port: number };
  const random = createRandom(seed);
  for (let i = 0; i < malformed; i++) {
    const text = await exchange(port, createMessage(random));
    if (text === '') continue;
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
    if (status < 400) continue;
    expect(status).toBeLessThan(500);
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(JSON.parse(body.slice(0, length))).toMatchObject({ status, request_id: expect.stringMatching(/^req_/) });
  }
  expect((await api.app.inject('/healthz')).statusCode).toBe(200);
});

function createMessage(random: Random): Buffer {
  const line = pick(random, [
    'GET / HTTP/1.1',
    'GET /v1/jobs',
    'BREW /pot HTTP/1.1',
    'POST /v1/jobs HTTP/1.1',
    'GET /\u0000 HTTP/1.1',
    'PATCH /v1/jobs HTTP/9.9',
    '\u0016\u0003\u0001',
  ]);
  const headers = [
    'Host: localhost',
    'Content-Length: 3',
    'Content-Length: -1',
    'Transfer-Encoding: chunked',
    'Content-Type: application/json',
    `X: ${'y'.repeat(random() < 0.1 ? 20_000 : 9)}`,
    'Expect: nonsense',
    'Bad Header',
    'Connection: close',
  ];
  const some = headers.filter(() => random() < 0.4);
  const body = pick(random, ['', 'abc', '{"a":', '0\r\n\r\n', 'zz\r\nabc\r\n', '\u0000']);
  return Buffer.from(`${[line, ...some].join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** Sends, ends its side, and reads until the other side does. */
function exchange(port: number, message: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(message));
    socket.on('data', (chunk) => (text += chunk)).on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}
