import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { Beats } from '#contracts/artifacts';

/**
 * `findBeats` on a thread of its own: a song takes seconds in one call, and a worker that cannot renew its locks meanwhile
 * loses its work. The samples are handed over and gone afterwards. Rejects when `signal` fires; the thread is ended then.
 */
export async function findBeatsAside(samples: Float32Array<ArrayBuffer>, signal: AbortSignal): Promise<Beats> {
  signal.throwIfAborted();
  const program = new URL(`./beats-thread${extname(import.meta.url)}`, import.meta.url);
  const thread = startThread(program, { workerData: samples, transferList: [samples.buffer] });
  try {
    const [beats] = await once(thread, 'message', { signal });
    return beats;
  } finally {
    await thread.terminate();
  }
}

/** What is built starts as it is; from source, a thread needs a loader of TypeScript of its own. */
function startThread(program: URL, options: WorkerOptions): Worker {
  if (program.pathname.endsWith('.js')) return new Worker(program, options);
  const start = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(program.href)})))`;
  return new Worker(start, { ...options, eval: true, execArgv: ['--conditions=source'], env: { TSX_DISABLE_CACHE: '1' } });
}
