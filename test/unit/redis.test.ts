import { describe, expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { reconnectDelayMs } from '#runtime/redis';
import { toBlamelessError } from '#runtime/redis-errors';
import { memoryFraction, nextAdmission, parseRedisInfo } from '#runtime/redis-health';
import { parseRedisUrl } from '#runtime/redis-url';

const plain = { username: null, password: null, tls: false, db: 0 };

describe('a Redis address', () => {
  it.each([
    ['redis://localhost', { ...plain, kind: 'single', host: 'localhost', port: 6379 }],
    ['redis://:s%40fe@10.0.0.5:6380/3', { ...plain, kind: 'single', host: '10.0.0.5', port: 6380, db: 3, password: 's@fe' }],
    ['rediss://me:pw@[::1]:7000', { ...plain, kind: 'single', host: '::1', port: 7000, tls: true, username: 'me', password: 'pw' }],
    ['unix:/run/redis.sock', { ...plain, kind: 'socket', path: '/run/redis.sock' }],
    [
      'redis-sentinel://:pw@a:1,b/main/2',
      {
        ...plain,
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26379 },
        ],
        master: 'main',
        db: 2,
        password: 'pw',
      },
    ],
    [
      'rediss-cluster://a:1,b:2',
      {
        ...plain,
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        tls: true,
      },
    ],
  ])('%s is read', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address);
  });

  it.each([
    '',
    'localhost',
    'http://a',
    'redis://',
    'redis://a,b',
    'redis://a:99999',
    'redis://a/x',
    'redis://pw@a',
    'redis-sentinel://a',
    'redis-cluster://a/1',
  ])('%j is refused', (url) => {
    expect(() => parseRedisUrl(url)).toThrow();
  });
});

describe('what Redis says about itself', () => {
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });
  it.each([
    named('ReplyError', "OOM command not allowed when used memory > 'maxmemory'."),
    named('ReplyError', 'LOADING Redis is loading the dataset in memory'),
    named('ReplyError', "READONLY You can't write against a read only replica."),
    named('MaxRetriesPerRequestError', 'Reached the max retries per request limit'),
    new Error('Command timed out'),
  ])('%s is nobody’s fault', (fault) => {
    expect(toBlamelessError(fault)).toMatchObject({ code: 'QUEUE_UNAVAILABLE', details: { cause: fault } });
  });

  it('and nothing else is excused by it', () => {
    expect(toBlamelessError(new TypeError('x is not a function')).code).toBe('INTERNAL');
    expect(toBlamelessError(new CutroomError('SOURCE_UNREADABLE', 'No stream.')).code).toBe('SOURCE_UNREADABLE');
  });
});

describe('reconnecting', () => {
  it('never ends and never waits longer than 1 s', () => {
    const delays = Array.from({ length: 2_000 }, (_, i) => reconnectDelayMs(i + 1));
    expect(delays.slice(0, 4)).toEqual([50, 100, 200, 400]);
    expect(delays.at(-1)).toBe(1_000);
    expect(Math.max(...delays)).toBe(1_000);
  });
});

describe('what INFO tells', () => {
  const text = '# Server\r\nredis_version:7.0.15\r\n# Memory\r\nused_memory:750\r\nmaxmemory:1000\r\nmaxmemory_policy:noeviction\r\n';

  it('is read', () => {
    expect(parseRedisInfo(text)).toEqual({ version: '7.0.15', policy: 'noeviction', usedBytes: 750, maxMemoryBytes: 1_000 });
    expect(parseRedisInfo(`valkey_version:8.1.0\r\n${text}`).version).toBe('8.1.0');
    expect(parseRedisInfo('')).toEqual({ version: 'unknown', policy: 'unknown', usedBytes: 0, maxMemoryBytes: 0 });
  });

  it('gives the share of the memory, 0 where there is no limit', () => {
    expect(memoryFraction(parseRedisInfo(text))).toBe(0.75);
    expect(memoryFraction({ ...parseRedisInfo(text), maxMemoryBytes: 0 })).toBe(0);
  });

  it('closes the door at 75 % and opens it below 70 %', () => {
    let open = true;
    const states = [0.5, 0.74, 0.75, 0.72, 0.7, 0.69, 0.74, 0.9].map((fraction) => {
      open = nextAdmission(open, fraction);
      return open;
    });
    expect(states).toEqual([true, true, false, false, false, true, true, false]);
  });
});
