import { createServer, type Server } from 'node:http';
import type { ApiMetrics } from './deps.ts';

/** `/metrics` on a port of its own, for scrapers that must not reach the API. */
export async function startMetricsServer(metrics: ApiMetrics, { host, port }: { host: string; port: number }): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end();
    const { contentType, text } = await metrics.render();
    response.setHeader('content-type', contentType).end(text);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}
