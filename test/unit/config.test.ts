import { describe, expect, it } from 'vitest';
import { type Config, ConfigError, parseConfig } from '#runtime/config';
import { toEnvExample, variables } from '#runtime/config-variables';

const api = { role: 'api', cwd: '/srv' } as const;
const worker = { role: 'worker', cwd: '/srv' } as const;

function problemsOf(env: Record<string, string>, context: Parameters<typeof parseConfig>[1] = api): readonly string[] {
  try {
    parseConfig(env, context);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('have defaults for everything', () => {
    const config: Config = parseConfig({}, api);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      dataDir: '/srv/data',
      storageUrl: 'file:/srv/data/storage',
      scratchDir: '/srv/data/scratch',
      redisUrl: null,
      pools: ['prepare', 'ai', 'render', 'deliver'],
      drainMs: 10_000,
      gemini: { apiKey: null },
      limits: { maxUploadBytes: 20 * 1024 ** 3 },
    });
  });

  it('take an empty variable for an unset one', () => {
    expect(parseConfig({ GEMINI_API_KEY: '', CUTROOM_PORT: ' ' }, api)).toMatchObject({ gemini: { apiKey: null }, port: 8080 });
  });

  it('take prices of models as JSON, and refuse what is no price', () => {
    const mine = { 'my-model': { textIn: 0.1, audioIn: 0.2, out: 3 } };
    expect(parseConfig({ CUTROOM_AI_PRICES: JSON.stringify(mine) }, api).gemini.prices).toEqual(mine);
    expect(problemsOf({ CUTROOM_AI_PRICES: '{' })[0]).toMatch(/^CUTROOM_AI_PRICES: expected JSON/);
    expect(problemsOf({ CUTROOM_AI_PRICES: '{"m":{"textIn":-1,"audioIn":0,"out":0}}' })).toHaveLength(1);
  });

  it('take proxies as other programs spell them, and refuse what is none', () => {
    const { proxies } = parseConfig({ https_proxy: 'proxy:3128', HTTP_PROXY: 'http://other:80', no_proxy: '.corp' }, api);
    expect(proxies).toEqual({ https: 'http://proxy:3128', http: 'http://other:80', none: '.corp' });
    expect(() => parseConfig({ HTTPS_PROXY: 'socks5://proxy' }, api)).toThrow('HTTPS_PROXY');
  });

  it('use the queue Redis as the cache unless told otherwise', () => {
    expect(parseConfig({ REDIS_URL: 'redis://queue' }, api).cacheRedisUrl).toBe('redis://queue');
    expect(parseConfig({ REDIS_URL: 'redis://queue', CACHE_REDIS_URL: 'redis://cache' }, api).cacheRedisUrl).toBe('redis://cache');
  });

  it.each([
    ['file:/var/lib/cutroom', 'file:/var/lib/cutroom'],
    ['file:///var/lib/cutroom', 'file:/var/lib/cutroom'],
    ['file:store', 'file:/srv/store'],
    ['s3://bucket/prefix?region=x', 's3://bucket/prefix?region=x'],
  ])('read the storage %s as %s', (given, storageUrl) => {
    expect(parseConfig({ CUTROOM_STORAGE_URL: given }, api).storageUrl).toBe(storageUrl);
  });

  it('are all reported together when they are wrong', () => {
    const env = {
      CUTROOM_PORT: '99999',
      REDIS_URL: 'http://redis',
      CUTROOM_POOLS: 'render,rendr',
      CUTROOM_ALLOW_PRIVATE_NETS: '10.0.0.0',
      CUTROOM_MAX_UPLOAD_BYTES: '20GB',
    };
    const problems = problemsOf(env);
    for (const name of Object.keys(env)) expect(problems.some((problem) => problem.startsWith(`${name}: `))).toBe(true);
    expect(problems).toHaveLength(5);
  });

  it('are refused when misspelt', () => {
    expect(problemsOf({ CUTROOM_ADMIN_KEYS: 'x' })).toEqual(['CUTROOM_ADMIN_KEYS: there is no such setting; see .env.example']);
  });

  it('never appear in an error, because they may be secrets', () => {
    const problems = problemsOf({
      REDIS_URL: 'redis://user:pass:word@@host',
      CUTROOM_ADMIN_KEY: 'short',
      CUTROOM_EGRESS_PROXY: 'ftp://u:hunter2@p',
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toMatch(/pass:word|short|hunter2/);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'cutroom.example'])('need an admin key to listen on %s', (host) => {
    expect(problemsOf({ CUTROOM_HOST: host })).toEqual(['CUTROOM_ADMIN_KEY: must be set when CUTROOM_HOST is not a loopback address']);
    expect(problemsOf({ CUTROOM_HOST: host, CUTROOM_ADMIN_KEY: 'ck_0123456789' })).toEqual([]);
    expect(problemsOf({ CUTROOM_HOST: host }, worker)).toEqual([]);
  });

  it.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost'])('need no admin key on %s', (host) => {
    expect(problemsOf({ CUTROOM_HOST: host })).toEqual([]);
  });

  it('refuse failpoints in production', () => {
    const env = { CUTROOM_FAILPOINT: 'commit.before:kill:1' };
    expect(problemsOf(env)).toEqual([]);
    expect(problemsOf({ ...env, NODE_ENV: 'production' })).toEqual(['CUTROOM_FAILPOINT: refused in production']);
  });

  it('stand in .env.example, each with its default', () => {
    const text = toEnvExample();
    const listed = [...text.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    expect(listed).toEqual(Object.entries(variables).map(([name, { fallback }]) => [name, fallback ?? '']));
  });
});
