import { afterEach, beforeEach, expect, test } from 'vitest';
import { multipart, startApi, type TestApi } from '../helpers/api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startApi({
    limits: { maxUploadBytes: 100, tenantQuotaBytes: 250, retentionDays: 1, createsPerMinute: null, minFreeShare: 0 },
  });
});
afterEach(() => api.close());

const footage = (bytes: number) => 'video'.padEnd(bytes, '.');
const announce = (length: number) =>
  api.app.inject({ method: 'POST', url: '/v1/uploads', headers: { 'tus-resumable': '1.0.0', 'upload-length': String(length) } });

test('footage beyond a tenant’s quota is refused and leaves nothing; what is deleted makes room again', async () => {
  const first = (await api.upload(footage(100))).json();
  expect((await api.upload(footage(90))).statusCode).toBe(201);
  const refused = await api.upload(footage(80));
  expect([refused.statusCode, refused.json().code]).toEqual([413, 'QUOTA_EXCEEDED']);
  expect(refused.json().detail).toContain('190');
  expect(await api.filesLeft()).toEqual([]);
  expect((await api.app.inject('/v1/assets')).json().data).toHaveLength(2);
  await api.app.inject({ method: 'DELETE', url: `/v1/assets/${first.id}` });
  expect((await api.upload(footage(80))).statusCode).toBe(201);
});

test('a body that does not say its length is measured when it is here', async () => {
  await api.upload(footage(100));
  await api.upload(footage(100));
  const { payload, headers } = multipart([{ name: 'file', filename: 'talk.mp4', bytes: footage(80) }]);
  const { 'content-length': _, ...chunked } = headers;
  const url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  const body = new Blob([payload]).stream();
  const refused = await fetch(`${url}/v1/assets`, { method: 'POST', headers: chunked, body, duplex: 'half' } as RequestInit);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([413, 'QUOTA_EXCEEDED']);
});

test('a resumable upload reserves its length before the first byte', async () => {
  await api.upload(footage(100));
  expect((await announce(100)).statusCode).toBe(201);
  const refused = await announce(60);
  expect([refused.statusCode, refused.json().code]).toEqual([413, 'QUOTA_EXCEEDED']);
  expect((await announce(40)).statusCode).toBe(201);
});
