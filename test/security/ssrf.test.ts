import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseNets } from '#runtime/address';
import { createSafeFetch, type SafeFetchOptions, type SafeRequest } from '#runtime/safe-fetch';

/** A server inside: whatever reaches it without an exception is a hole. */
let inside: Server;
let port: number;
let hits: string[] = [];

beforeAll(async () => {
  inside = createServer((request, response) => {
    hits.push(request.url ?? '');
    const location = new URL(request.url ?? '/', 'http://x').searchParams.get('to');
    if (location) response.writeHead(302, { location }).end();
    else response.end('secret');
  });
  inside.listen(0, '::');
  await once(inside, 'listening');
  port = (inside.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => inside.close(resolve)));
beforeEach(() => {
  hits = [];
});

const none = { allowNets: [], denyNets: [] };
const loopback = { allowNets: parseNets('127.0.0.0/8'), denyNets: [] };

async function ask(url: string, options: SafeFetchOptions = none, more: Partial<SafeRequest> = {}): Promise<string> {
  const signal = new AbortController().signal;
  const answer = await createSafeFetch(options)({ url, maxBytes: 1_000, timeoutMs: 2_000, signal, ...more });
  let text = '';
  for await (const chunk of answer.body) text += chunk;
  return `${answer.status} ${text}`;
}

const refused = { code: 'URL_NOT_ALLOWED' };

const loopbackSpellings = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.8.9.10',
  '0',
  '0.0.0.0',
  '0x0',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::127.0.0.1]',
  '[2002:7f00:1::]',
  '[2002:7f00:1::1]',
  '127.0.0.1.',
  '１２７.0.0.1',
  '127。0。0。1',
  '⑫7.0.0.1',
];
const privateAddresses = [
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '100.64.0.1',
  '100.127.255.254',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '192.88.99.1',
  '[fe80::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[2001:db8::1]',
  '[2001::1]',
  '[100::1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a00:1::]',
  '[2002:c0a8:101::1]',
  '[3fff::1]',
  '[5f00::1]',
];
const insideNames = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'sub.localhost',
  'metadata.google.internal',
  'redis.default.svc',
  'redis.default.svc.cluster.local',
  'printer.local',
  'router.home.arpa',
  'host.docker.internal',
];
const otherSchemes = [
  'file:///etc/passwd',
  'ftp://example.com/',
  'gopher://example.com/',
  'data:text/plain,x',
  'redis://example.com',
  'ws://example.com/',
];
const credentials = ['http://user:pass@example.com/', 'http://user@example.com/', 'http://:pass@example.com/'];
const oddPorts = ['http://93.184.216.34:22/', 'http://93.184.216.34:6379/', 'https://93.184.216.34:8443/'];
const nonsense = ['', 'example.com', '//example.com', 'http://', 'http://[::1', 'http://exa mple.com/'];

describe('an address of a user', () => {
  it.each([...loopbackSpellings, ...privateAddresses])('may not be %s, by http or https', async (host) => {
    await expect(ask(`http://${host}:${port}/`)).rejects.toMatchObject(refused);
    await expect(ask(`https://${host}/`)).rejects.toMatchObject(refused);
    expect(hits).toEqual([]);
  });

  it.each(insideNames)('may not have the inside name %s, whatever it resolves to', async (name) => {
    await expect(ask(`http://${name}/`, { ...none, resolve: async () => ['93.184.216.34'] })).rejects.toMatchObject(refused);
  });

  it.each([...otherSchemes, ...credentials, ...oddPorts, ...nonsense])('may not be %j', async (url) => {
    await expect(ask(url, { ...none, resolve: async () => ['93.184.216.34'] })).rejects.toMatchObject(refused);
  });

  it.each([
    ['the only one', ['127.0.0.1']],
    ['the last of several', ['93.184.216.34', '1.1.1.1', '10.0.0.1']],
    ['the first of several', ['::1', '93.184.216.34']],
    ['an IPv6 one among IPv4', ['93.184.216.34', 'fd00::1']],
    ['a mapped one', ['::ffff:10.0.0.1']],
  ])('may not be a name that has a private address: %s', async (_which, addresses) => {
    await expect(ask(`http://attacker.example:${port}/`, { ...none, resolve: async () => addresses })).rejects.toMatchObject(refused);
    expect(hits).toEqual([]);
  });

  it('may not lie in a net that the operator denies', async () => {
    const options = { allowNets: [], denyNets: parseNets('93.184.216.0/24') };
    await expect(ask('http://93.184.216.34/', options)).rejects.toMatchObject(refused);
  });

  it('is refused without a word about what was found there', async () => {
    const fault = await ask(`http://attacker.example/`, { ...none, resolve: async () => ['10.1.2.3'] }).catch((error: Error) => error);
    expect(JSON.stringify(fault)).not.toMatch(/10\.1\.2\.3|private|internal/);
  });

  it('must be https where that is asked for', async () => {
    await expect(ask('http://93.184.216.34/', none, { httpsOnly: true })).rejects.toMatchObject(refused);
  });
});

describe('the checked address is the one that is asked', () => {
  it('also when the name has another one by then', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const resolve = async () => answers.shift() ?? [];
    expect(await ask(`http://rebinding.example:${port}/`, { ...loopback, resolve })).toBe('200 secret');
    expect(answers).toHaveLength(1);
  });

  it('so a name that turns private between two requests is refused at the second', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const options = { ...loopback, resolve: async () => answers.shift() ?? [] };
    await ask(`http://rebinding.example:${port}/`, options);
    await expect(ask(`http://rebinding.example:${port}/`, options)).rejects.toMatchObject(refused);
  });
});

describe('a redirect', () => {
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  const to = (target: string) => at(`/?to=${encodeURIComponent(target)}`);

  it('is followed when it is allowed', async () => {
    expect(await ask(to(at('/end')), loopback, { maxRedirects: 5 })).toBe('200 secret');
    expect(hits).toHaveLength(2);
  });

  it('is the answer when none is to be followed', async () => {
    expect(await ask(to(at('/end')), loopback)).toBe('302 ');
    expect(hits).toHaveLength(1);
  });

  it.each(['http://169.254.169.254/latest', 'http://[::1]/', 'http://10.0.0.1/', 'file:///etc/passwd', 'http://user:pw@127.0.0.1/'])(
    'to %s is refused',
    async (target) => {
      await expect(ask(to(target), loopback, { maxRedirects: 5 })).rejects.toMatchObject(refused);
      expect(hits).toHaveLength(1);
    },
  );

  it('is followed five times and no more', async () => {
    const chain = (left: number): string => (left === 0 ? at('/end') : to(chain(left - 1)));
    expect(await ask(chain(5), loopback, { maxRedirects: 5 })).toBe('200 secret');
    expect(await ask(chain(6), loopback, { maxRedirects: 5 })).toBe('302 ');
  });
});

describe('the exception list', () => {
  it('opens the nets in it, and no others', async () => {
    expect(await ask(`http://127.0.0.1:${port}/`, loopback)).toBe('200 secret');
    await expect(ask(`http://[::1]:${port}/`, loopback)).rejects.toMatchObject(refused);
    await expect(ask(`http://10.0.0.1:${port}/`, loopback)).rejects.toMatchObject(refused);
  });

  it('does not help a name of which only some addresses are in it', async () => {
    const resolve = async () => ['127.0.0.1', '10.0.0.1'];
    await expect(ask(`http://mixed.example:${port}/`, { ...loopback, resolve })).rejects.toMatchObject(refused);
  });
});
