/** Where Redis is: one server, a Sentinel-watched master, or a Cluster. */
export type RedisAddress = { username: string | null; password: string | null; tls: boolean; db: number } & (
  | { kind: 'single'; host: string; port: number }
  | { kind: 'socket'; path: string }
  | { kind: 'sentinel'; sentinels: HostPort[]; master: string }
  | { kind: 'cluster'; nodes: HostPort[] }
);

export interface HostPort {
  host: string;
  port: number;
}

const form = /^(redis|rediss)(-sentinel|-cluster)?:\/\/(?:([^@/]*)@)?([^@/]+)(?:\/(.*))?$/;

/**
 * `redis://[user:password@]host[:port][/db]` (`rediss://` = TLS), `unix:/path`,
 * `redis-sentinel://[user:password@]host:port,host:port/master[/db]`, `redis-cluster://[user:password@]host:port,host:port`.
 * Throws an Error that holds no part of the address: it may contain a password.
 */
export function parseRedisUrl(url: string): RedisAddress {
  if (url.startsWith('unix:/')) {
    return { kind: 'socket', path: url.slice('unix:'.length), username: null, password: null, tls: false, db: 0 };
  }
  const match = form.exec(url);
  if (!match) throw new Error('expected redis://, rediss://, redis-sentinel://, redis-cluster:// or unix:/path');
  const [, scheme, kind, credentials, hosts = '', rest = ''] = match;
  const common = { ...parseCredentials(credentials), tls: scheme === 'rediss' };
  if (kind === '-cluster') {
    if (rest !== '') throw new Error('a cluster address takes no database');
    return { kind: 'cluster', nodes: parseHosts(hosts, 6379), db: 0, ...common };
  }
  if (kind === '-sentinel') {
    const [master = '', db = ''] = rest.split('/');
    if (master === '') throw new Error('a Sentinel address needs the name of the master: redis-sentinel://host:port/name');
    return { kind: 'sentinel', sentinels: parseHosts(hosts, 26379), master, db: parseDatabase(db), ...common };
  }
  const [only, ...more] = parseHosts(hosts, 6379);
  if (!only || more.length > 0) throw new Error('several hosts need redis-sentinel:// or redis-cluster://');
  return { kind: 'single', ...only, db: parseDatabase(rest.split('?')[0] ?? ''), ...common };
}

function parseCredentials(text: string | undefined): { username: string | null; password: string | null } {
  if (!text) return { username: null, password: null };
  const colon = text.indexOf(':');
  if (colon < 0) throw new Error('credentials are user:password or :password');
  const username = decodeURIComponent(text.slice(0, colon));
  return { username: username === '' ? null : username, password: decodeURIComponent(text.slice(colon + 1)) };
}

function parseHosts(text: string, defaultPort: number): HostPort[] {
  return text.split(',').map((part) => {
    const match = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(part);
    const port = Number(match?.[2] ?? defaultPort);
    if (!match?.[1] || port < 1 || port > 65_535) throw new Error('expected host or host:port');
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  });
}

function parseDatabase(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,4}$/.test(text)) throw new Error('the database is a number');
  return Number(text);
}
