import { createServer, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Telemetry } from '#runtime/telemetry';

export interface HealthParts {
  host: string;
  port: number;
  registry: Telemetry['registry'];
  /** A rejection, and no answer for a second, mean no. */
  isReady: () => Promise<boolean>;
}

/** `/healthz` (the event loop turns), `/readyz` (Redis, storage and scratch are there and nobody is stopping) and `/metrics` of a worker. */
export async function createHealth({ host, port, registry, isReady }: HealthParts): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return void response.end('ok\n');
    if (path === '/readyz') return answerReady(response, await inTime(isReady()));
    if (path !== '/metrics') return void response.writeHead(404).end();
    response.setHeader('content-type', registry.contentType);
    response.end(await registry.metrics());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}

const answerReady = (response: ServerResponse, ready: boolean): void =>
  void response.writeHead(ready ? 200 : 503).end(ready ? 'ready\n' : 'not ready\n');

const inTime = (answer: Promise<boolean>): Promise<boolean> =>
  Promise.race([answer.catch(() => false), delay(1_000, false, { ref: false })]);
