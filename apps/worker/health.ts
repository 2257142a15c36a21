import { createServer, type Server } from 'node:http';
import type { Telemetry } from '#runtime/telemetry';

export interface HealthParts {
  host: string;
  port: number;
  registry: Telemetry['registry'];
  isReady: () => boolean;
}

/** `/healthz` (the event loop turns), `/readyz` (Redis is there and nobody is stopping) and `/metrics` of a worker. */
export async function createHealth({ host, port, registry, isReady }: HealthParts): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return void response.end('ok\n');
    if (path === '/readyz') return void response.writeHead(isReady() ? 200 : 503).end(isReady() ? 'ready\n' : 'not ready\n');
    if (path !== '/metrics') return void response.writeHead(404).end();
    response.setHeader('content-type', registry.contentType);
    response.end(await registry.metrics());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}
