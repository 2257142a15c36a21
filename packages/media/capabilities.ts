import { createHash } from 'node:crypto';
import { CutroomError } from '#contracts/errors';

/** What the installed ffmpeg can do; read once at boot. */
export interface Capabilities {
  readonly version: string;
  /** Names this build: two ffmpegs with equal version and configuration make equal bytes. Part of every artifact key. */
  readonly build: string;
  readonly filters: ReadonlySet<string>;
  readonly encoders: ReadonlySet<string>;
  /** Those of the encoders we know that take ten bits a sample. */
  readonly deepEncoders: ReadonlySet<string>;
  /** Hardware encoders that have encoded something here; empty when nobody asked. */
  readonly hardware: ReadonlySet<string>;
  /** Sandbox tools that this machine lacks (`prlimit`, `setpriv` …), empty on a full Linux. */
  readonly sandboxMissing: readonly string[];
}

const requiredFilters = 'scale drawtext subtitles overlay concat loudnorm silencedetect select thumbnail ebur128'.split(' ');
const requiredEncoders = ['libx264', 'aac'];

/** Encoders that may take ten bits; which of them do depends on how their library was built. */
const mayBeDeep = ['libx265', 'libsvtav1'];

/** Asks ffmpeg once, by the words whose answers `read` gives. */
export async function detectCapabilities(read: (words: string[]) => Promise<string>, sandboxMissing: string[]): Promise<Capabilities> {
  const [version, filters, encoders] = await Promise.all([read(['-version']), read(['-filters']), read(['-encoders'])]);
  const helps = await Promise.all(mayBeDeep.map(async (name) => [name, await read(['-h', `encoder=${name}`])] as const));
  const deepEncoders = helps.filter(([, help]) => /pixel formats:.*\byuv420p10le\b/.test(help)).map(([name]) => name);
  return { ...parseCapabilities({ version, filters, encoders }, sandboxMissing), deepEncoders: new Set(deepEncoders), hardware: new Set() };
}

/** Reads the three listings; throws CAPABILITY_MISSING naming everything a start needs and this build lacks. */
export function parseCapabilities(
  listing: { version: string; filters: string; encoders: string },
  sandboxMissing: string[],
): Omit<Capabilities, 'deepEncoders' | 'hardware'> {
  const filters = parseNames(listing.filters, /^ [T.][S.]\S? +(\w+) +\S+->/);
  const encoders = parseNames(listing.encoders, /^ [VAS][F.][S.][X.][B.][D.] ([\w-]+)/);
  const missing = [...requiredFilters.filter((name) => !filters.has(name)), ...requiredEncoders.filter((name) => !encoders.has(name))];
  if (missing.length > 0) throw new CutroomError('CAPABILITY_MISSING', `This ffmpeg lacks ${missing.join(', ')}; install a full build.`);
  const version = /^ffmpeg version (\S+)/m.exec(listing.version)?.[1] ?? 'unknown';
  return { version, build: `${version}-${hashConfiguration(listing.version)}`, filters, encoders, sandboxMissing };
}

function parseNames(listing: string, row: RegExp): Set<string> {
  return new Set(listing.split('\n').flatMap((line) => row.exec(line)?.[1] ?? []));
}

/** Everything `-version` prints, since library versions decide bytes as much as the configuration does. */
function hashConfiguration(versionText: string): string {
  return createHash('sha256').update(versionText).digest('hex').slice(0, 12);
}
