import { lookup } from 'node:dns/promises';
import { isAddress, isInNets, isPublicAddress, type Net } from './address.ts';

export interface TargetRules {
  /** The one list of exceptions: addresses in it are reached although private, by http and on any port. */
  allowNets: readonly Net[];
  denyNets: readonly Net[];
}

/** All addresses of a name. Tests give their own. */
export type Resolve = (hostname: string) => Promise<string[]>;

export const resolveByDns: Resolve = async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address);

export interface Target {
  url: URL;
  /** The checked address, to connect to exactly this one: asking DNS again could give another (rebinding). */
  address: string;
}

export type Verdict = { allowed: Target } | { refused: 'address' | 'scheme' | 'port' | 'credentials' | 'host' } | { unreachable: string };

/**
 * May we ask this URL on behalf of a user? A literal is judged as it stands, after the URL parser has made `0x7f.1` and
 * `2130706433` into `127.0.0.1`; of a name every address must be public, not only the first.
 */
export async function checkTarget(text: string, { rules, resolve, httpsOnly }: CheckOptions): Promise<Verdict> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.hostname === '') return { refused: 'host' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { refused: 'scheme' };
  if (url.username !== '' || url.password !== '') return { refused: 'credentials' };
  if (isInternalName(url.hostname) && rules.allowNets.length === 0) return { refused: 'host' };
  const addresses = await addressesOf(url.hostname, resolve);
  const [address] = addresses;
  if (address === undefined) return { unreachable: 'the name has no address' };
  if (addresses.every((each) => isInNets(each, rules.allowNets))) return { allowed: { url, address } };
  if (addresses.some((each) => !isPublicAddress(each) || isInNets(each, rules.denyNets))) return { refused: 'address' };
  if (httpsOnly && url.protocol !== 'https:') return { refused: 'scheme' };
  // The parser drops the default port of a scheme, so 443 over http is the only other pair that is left to allow.
  if (url.port !== '' && url.port !== '80' && url.port !== '443') return { refused: 'port' };
  return { allowed: { url, address } };
}

export interface CheckOptions {
  rules: TargetRules;
  resolve: Resolve;
  httpsOnly: boolean;
}

async function addressesOf(hostname: string, resolve: Resolve): Promise<string[]> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isAddress(bare)) return [bare];
  return resolve(hostname.replace(/\.$/, '')).catch(() => []);
}

/** Names that mean "inside" by convention, whatever they resolve to. */
function isInternalName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '').toLowerCase();
  return /(^|\.)(localhost|internal|local|svc|cluster\.local|home\.arpa|localdomain)$/.test(name);
}
