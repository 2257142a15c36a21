import { join } from 'node:path';
import { downloadFile } from '#runtime/download';
import type { SafeFetch } from '#runtime/safe-fetch';
import type { Stage } from '../stage.ts';

const timeoutMs = 3_600_000;

/** The job's footage as a blob: the upload as it is, or an address fetched once through the guarded client. */
export const createFetchStage =
  ({ safeFetch, maxBytes }: { safeFetch: SafeFetch; maxBytes: number }): Stage<'fetch'> =>
  async ({ job }, tools) => {
    if (!('url' in job.input)) {
      const { blob: key, bytes, sha256 } = job.input;
      return { blob: { key, bytes, sha256, content_type: 'application/octet-stream' } };
    }
    const path = join(tools.scratch, 'source');
    await downloadFile(safeFetch, { url: job.input.url, path, maxBytes, timeoutMs, signal: tools.signal });
    return { blob: await tools.store(path, 'application/octet-stream') };
  };
