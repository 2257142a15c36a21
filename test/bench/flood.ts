import { once } from 'node:events';
import { connect } from 'node:net';

export interface FloodOptions {
  url: string;
  body: string;
  connections: number;
  seconds: number;
  /** Requests per second of all connections together; as many as go when left out. */
  rate?: number;
}

export interface FloodResult {
  accepted: number;
  /** Other answers than 202. */
  refused: number;
  perSecond: number;
  /** Of a paced request from when it was due, so that what had to queue for a connection counts. Sorted, ms. */
  latencies: number[];
}

/**
 * The same POST over kept-alive connections, one request in flight on each. On a small machine the one who asks takes
 * from the one who answers: this takes a third of what a general client does, because it reads nothing but status and length.
 */
export async function flood({ url, body, connections, seconds, rate }: FloodOptions): Promise<FloodResult> {
  const { hostname, port, pathname } = new URL(url);
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\n`;
  const request = Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const result: FloodResult = { accepted: 0, refused: 0, perSecond: 0, latencies: [] };
  const startedMs = performance.now();
  const endsMs = startedMs + seconds * 1_000;
  let sent = 0;

  const caller = async () => {
    const ask = await openConnection(hostname, Number(port));
    for (;;) {
      const dueMs = rate ? startedMs + (sent++ * 1_000) / rate : performance.now();
      if (Math.max(dueMs, performance.now()) >= endsMs) return ask.close();
      // The pace is the measurement: a request goes out when it is due, not when the one before is answered.
      if (dueMs > performance.now()) await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
      const status = await ask.send(request);
      result.latencies.push(performance.now() - dueMs);
      if (status === 202) result.accepted++;
      else result.refused++;
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  result.perSecond = result.accepted / ((performance.now() - startedMs) / 1_000);
  result.latencies.sort((a, b) => a - b);
  return result;
}

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;

async function openConnection(host: string, port: number) {
  const socket = connect(port, host).setNoDelay();
  await once(socket, 'connect');
  let missing = 0;
  let status = 0;
  let answered: { resolve: (status: number) => void; reject: (fault: Error) => void } | null = null;
  socket.on('data', (chunk) => {
    if (status === 0) {
      const text = chunk.toString('latin1', 0, 2_048);
      const end = text.indexOf('\r\n\r\n');
      status = Number(text.slice(9, 12));
      // Our heads are short and come in one piece with the first of the body.
      missing = end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (end === -1 || Number.isNaN(missing)) socket.destroy(new Error(`an answer without an end: ${text}`));
    }
    missing -= chunk.length;
    if (missing === 0) answered?.resolve(status);
  });
  const end = (fault?: Error) => answered?.reject(fault ?? new Error('the service has hung up'));
  socket.on('error', end).on('close', () => end());
  return {
    send: (request: Buffer): Promise<number> =>
      new Promise((resolve, reject) => {
        status = 0;
        answered = { resolve, reject };
        socket.write(request);
      }),
    close: () => void socket.destroy(),
  };
}
