import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../helpers/api.ts';

const pace = { bodyTimeoutMs: 600, uploadWindowMs: 400, minUploadBytes: 4_000 };
const slowClients = 50;
let api: TestApi;
let port: number;
beforeAll(async () => {
  api = await startApi({ pace });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  port = (api.app.server.address() as { port: number }).port;
});
afterAll(() => api.close());

interface Ended {
  text: string;
  afterMs: number;
}

/** Opens, says `head`, then hands the socket to `go` until the other side closes. */
function open(head: string, go: (socket: Socket) => void): Promise<Ended> {
  const startedMs = Date.now();
  let text = '';
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(head);
      go(socket);
    });
    socket.on('data', (chunk) => (text += chunk)).on('error', () => undefined);
    socket.on('close', () => resolve({ text, afterMs: Date.now() - startedMs }));
  });
}

const drip = (bytes: Buffer, everyMs: number) => (socket: Socket) => {
  const timer = setInterval(() => socket.write(bytes), everyMs);
  socket.once('close', () => clearInterval(timer));
};
const boundary = 'b';
const part = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nvideo`;
const end = `\r\n--${boundary}--\r\n`;
const uploadHead = (length: number) =>
  `POST /v1/assets HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${length}\r\n\r\n`;

test(`${slowClients} clients that drip a body are told so and put out, while others are served`, { timeout: 30_000 }, async () => {
  const head = 'POST /v1/keys HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';
  const slow = Promise.all(Array.from({ length: slowClients }, () => open(head, drip(Buffer.from('{'), 100))));
  expect((await api.app.inject('/v1/jobs')).statusCode).toBe(200);
  for (const { text, afterMs } of await slow) {
    expect(text).toMatch(/^HTTP\/1\.1 408/);
    expect(text).toContain('REQUEST_TIMEOUT');
    expect(afterMs).toBeLessThan(8_000);
  }
});

test('an upload that brings too little in a window is put out and leaves no file', async () => {
  const { text } = await open(uploadHead(90_000) + part, drip(Buffer.from('x'), 50));
  expect(text).toMatch(/^HTTP\/1\.1 408/);
  await expect.poll(api.filesLeft, { timeout: 10_000 }).toEqual([]);
});

test('a steady upload that takes far longer than any window is left alone', async () => {
  const piece = Buffer.alloc(2_000, 'x');
  const pieces = 20;
  const length = part.length + pieces * piece.length + end.length;
  const { text } = await open(`${uploadHead(length).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}${part}`, (socket) => {
    let sent = 0;
    const timer = setInterval(() => {
      if (sent++ < pieces) return void socket.write(piece);
      clearInterval(timer);
      socket.write(end);
    }, 100);
  });
  expect(text).toMatch(/^HTTP\/1\.1 201/);
});
