import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ProviderError, type ProviderFault } from '#contracts/ai';

export interface ToyAnswer {
  /** 200 answers, 503 is down, 429 too fast, 403 refused. */
  status: 200 | 403 | 429 | 503 | 'hang' | 'reset';
  afterMs?: number;
  /** Of a 429. */
  retryAfterMs?: number;
}

export interface ToyCall {
  path: string;
  atMs: number;
  /** Null while it is open; then its socket is closed or its answer sent. */
  endMs: number | null;
}

export interface ToyProvider {
  url: string;
  calls: ToyCall[];
  mostAtOnce(): number;
  close(): Promise<void>;
}

/** A provider that does what it is told per call, and keeps the books that tests believe. */
export async function startToyProvider(answer: (path: string, number: number) => ToyAnswer): Promise<ToyProvider> {
  const calls: ToyCall[] = [];
  let most = 0;
  const server = createServer((request, response) => {
    const call: ToyCall = { path: request.url ?? '', atMs: performance.now(), endMs: null };
    calls.push(call);
    most = Math.max(most, calls.filter(({ endMs }) => endMs === null).length);
    response.once('close', () => {
      call.endMs = performance.now();
    });
    void give(response, answer(call.path, calls.length));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    mostAtOnce: () => most,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function give(response: ServerResponse, { status, afterMs = 0, retryAfterMs }: ToyAnswer): Promise<void> {
  if (afterMs > 0) await delay(afterMs);
  if (status === 'hang') return;
  if (status === 'reset') return void response.destroy();
  response.writeHead(status, retryAfterMs === undefined ? {} : { 'retry-after-ms': retryAfterMs });
  response.end('answer');
}

/** The client's side: what a provider's file does with a vendor's answers. */
export async function askToyProvider(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    throw toError({ kind: 'unavailable' }, error);
  });
  const body = await response.text();
  if (response.status === 429) {
    const told = response.headers.get('retry-after-ms');
    throw toError({ kind: 'rate_limited', retryAfterMs: told === null ? null : Number(told) });
  }
  if (response.status === 403) throw toError({ kind: 'refused' });
  if (response.status !== 200) throw toError({ kind: 'unavailable' });
  return body;
}

const toError = (fault: ProviderFault, cause?: unknown) => new ProviderError(`the provider is ${fault.kind}`, { fault, cause });
