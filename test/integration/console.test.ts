import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../scripts/setup/build.mjs';
import { startApi, type TestApi } from '../helpers/api.ts';
import { root } from '../helpers/tools.ts';

let api: TestApi;
let build: string;
const get = (url: string, headers: Record<string, string> = {}) => api.app.inject({ method: 'GET', url, headers });

beforeAll(async () => {
  ensureBuilt(root);
  api = await startApi({ consoleDir: join(root, 'dist/apps/console'), adminKey: 'ck_admin' });
  build = /src="([0-9a-f]{16})\/main\.js"/.exec((await get('/console/')).body)?.[1] ?? '';
});
afterAll(() => api.close());

describe('the console as files', () => {
  test('is a page that needs no key, allows nothing inline and nothing from elsewhere, and is asked for anew', async () => {
    const { statusCode, headers, body } = await get('/console/');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).toMatch(/style-src 'self'(;|$)/);
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(body).not.toMatch(/\{\{|https?:|<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
  });

  test('is not sent twice to those who have it', async () => {
    const { headers } = await get('/console/');
    const again = await get('/console/', { 'if-none-match': String(headers.etag) });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
  });

  test.each([
    ['main.js', /javascript/],
    ['pages/job.js', /javascript/],
    ['base.css', /text\/css/],
    ['icon.svg', /image\/svg\+xml/],
  ])('%s may be kept for ever, under a name that changes with its content', async (name, type) => {
    const { statusCode, headers } = await get(`/console/${build}/${name}`);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toMatch(type);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers.etag).toBeTruthy();
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('every module that is imported is there', async () => {
    const seen = new Set<string>();
    const visit = async (url: string): Promise<void> => {
      if (seen.has(url)) return;
      seen.add(url);
      const { statusCode, body } = await get(url);
      expect([url, statusCode]).toEqual([url, 200]);
      const names = [...body.matchAll(/from ['"]([^'"]+)['"]/g)].map(([, name]) => name as string);
      for (const name of names) {
        expect(name).toMatch(/^\.\.?\/.*\.js$/);
        await visit(new URL(name, `http://console${url}`).pathname);
      }
    };
    await visit(`/console/${build}/main.js`);
    expect(seen.size).toBeGreaterThan(20);
  });

  test('the address without its slash leads to it', async () => {
    const { statusCode, headers } = await get('/console');
    expect([statusCode, headers.location]).toEqual([308, 'console/']);
  });

  test.each([
    '/console/nothing',
    '/console/0123456789abcdef/main.js',
    () => `/console/${build}/nothing.js`,
    () => `/console/${build}/`,
    () => `/console/${build}/index.html`,
    () => `/console/${build}/../../api/main.js`,
    () => `/console/${build}/..%2f..%2fapi%2fmain.js`,
    () => `/console/${build}/%2e%2e/%2e%2e/api/main.js`,
    () => `/console/${build}/..%5c..%5capi%5cmain.js`,
    () => `/console/${build}//etc/passwd`,
    () => `/console/${build}/%00`,
  ])('%s is refused as a problem', async (url) => {
    const { statusCode, headers, body } = await get(typeof url === 'function' ? url() : url);
    expect(statusCode).toBeGreaterThanOrEqual(400);
    expect(statusCode).toBeLessThan(500);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).not.toMatch(/import |root:/);
  });

  test('an unknown file is 404, another method 405', async () => {
    expect((await get(`/console/${build}/nothing.js`)).json()).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
    expect((await api.app.inject({ method: 'POST', url: '/console/' })).json()).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
  });

  test('what it shows needs the key: the API does not trust the page', async () => {
    expect((await get('/v1/jobs')).statusCode).toBe(401);
  });
});

test('a service without a built console has no such address', async () => {
  const bare = await startApi();
  expect((await bare.app.inject({ method: 'GET', url: '/console/' })).statusCode).toBe(404);
  await bare.close();
});
