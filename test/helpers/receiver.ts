import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { until } from './until.ts';

export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
  /** The parsed body. */
  event: { type: string; timestamp: string; data: Record<string, unknown> };
}

export interface Receiver {
  url: string;
  received: Received[];
  /** What it answers from now on; `answer` decides for a single message, when it is there. */
  status: number;
  answer: ((message: Received) => number) | null;
  /** Waits for the how-manieth message of a type on a path. */
  message(path: string, type: string, count?: number): Promise<Received>;
  /** Nobody listens any more; `up` listens on the same port again. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** Somebody else's server that takes webhooks and keeps them as they came. */
export async function startReceiver(): Promise<Receiver> {
  let server: Server;
  const receiver: Receiver = {
    url: '',
    received: [],
    status: 200,
    answer: null,
    message: (path, type, count = 1) =>
      until(() => receiver.received.filter((seen) => seen.path === path && seen.event.type === type)[count - 1], 20_000),
    async down() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    up: async () => listen(Number(new URL(receiver.url).port)),
    close: () => receiver.down(),
  };
  async function listen(port: number): Promise<void> {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const message = { path: request.url ?? '', headers: request.headers as Record<string, string>, body, event: JSON.parse(body) };
      receiver.received.push(message);
      response.writeHead(receiver.answer?.(message) ?? receiver.status).end();
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  await listen(0);
  return receiver;
}

/** Judged by the public library, not by our own code. */
export function isSignedBy(secret: string, { headers, body }: Received): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
