import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Client, createClient } from './client.ts';
import { type Service, startService } from './service.ts';
import './scratch.ts';

/** What the tests of one file share; there from `beforeAll` on. */
export interface Stage {
  service: Service;
  client: Client;
  /** For footage and what came of it. */
  folder: string;
}

/** A service with one worker of its own, a caller and a folder, for the file that calls this; gone after its last test. */
export function useService(): Stage {
  const stage = {} as Stage;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutroom-e2e-'));
    const service = await startService({ separateWorkers: 1 });
    Object.assign(stage, { folder, service, client: createClient(service.url) });
  });
  afterAll(async () => {
    await stage.service.close();
    rmSync(stage.folder, { recursive: true, force: true });
  });
  return stage;
}
