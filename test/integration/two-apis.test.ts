import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Service, startService } from '../helpers/service.ts';
import '../helpers/scratch.ts';
import { until } from '../helpers/until.ts';

let one: Service;
let other: Service;
const tus = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' };
const bytes = 2_000_000;

beforeAll(async () => {
  one = await startService({ separateWorkers: 0, env: { CUTROOM_LOG_LEVEL: 'error' } });
  other = await startService({ separateWorkers: 0, redis: one.redis, env: { CUTROOM_LOG_LEVEL: 'error', CUTROOM_DATA_DIR: one.dataDir } });
});
afterAll(async () => {
  await other.close();
  await one.close();
});

/** One byte longer than what is sent, so that no upload ends here and is looked at. */
async function begin(): Promise<string> {
  const headers = { 'tus-resumable': '1.0.0', 'upload-length': String(bytes + 1) };
  const answer = await fetch(`${one.url}/v1/uploads`, { method: 'POST', headers });
  return answer.headers.get('location') ?? '';
}
const patch = (service: Service, path: string, offset: number, body: Buffer) =>
  fetch(`${service.url}${path}`, { method: 'PATCH', headers: { ...tus, 'upload-offset': String(offset) }, body: new Uint8Array(body) });
const offsetAt = async (service: Service, path: string) =>
  Number((await fetch(`${service.url}${path}`, { method: 'HEAD', headers: tus })).headers.get('upload-offset'));

it('two APIs that are sent the same part of one upload never mix them, and never say yes to both', async () => {
  for (let pair = 0; pair < 3; pair++) {
    const path = await begin();
    const bodies = [randomBytes(bytes), randomBytes(bytes)] as const;
    const statuses = await Promise.all([slowly(one, path, bodies[0]), slowly(other, path, bodies[1])]);
    expect(statuses.filter((status) => status === 204).length).toBeLessThanOrEqual(1);
    expect(statuses).toContain(409);
    const kept = await fileOf(path);
    expect(await offsetAt(other, path)).toBe(kept.length);
    expect(bodies.some((body) => body.subarray(0, kept.length).equals(kept))).toBe(true);
  }
});

it('a request at one API takes an upload over from a half-dead one at the other', async () => {
  const path = await begin();
  const hanging = request(`${one.url}${path}`, {
    method: 'PATCH',
    headers: { ...tus, 'upload-offset': '0', 'content-length': String(bytes) },
  });
  hanging.on('error', () => {});
  hanging.write(Buffer.alloc(100_000));
  await until(async () => (await fileOf(path)).length > 0);
  const offset = await offsetAt(other, path);
  expect((await patch(other, path, offset, randomBytes(bytes - offset))).status).toBe(204);
  expect((await fileOf(path)).length).toBe(bytes);
  hanging.destroy();
});

/** From the start, in two halves, so that two of them overlap. Gives the status. */
function slowly(service: Service, path: string, body: Buffer): Promise<number> {
  const headers = { ...tus, 'upload-offset': '0', 'content-length': String(body.length) };
  return new Promise((resolve) => {
    const sending = request(`${service.url}${path}`, { method: 'PATCH', headers }, (answer) => resolve(answer.resume().statusCode ?? 0));
    sending.on('error', () => resolve(0));
    sending.write(body.subarray(0, bytes / 2));
    setTimeout(() => sending.end(body.subarray(bytes / 2)), 500); // while the other one is under way too
  });
}

const fileOf = (path: string): Promise<Buffer> => readFile(`${one.dataDir}/uploads/tus/local/${path.split('/').at(-1)}`);
