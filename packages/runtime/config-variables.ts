import { z } from 'zod';
import { pools } from '#contracts/stage-declaration';
import { parseNets } from './address.ts';
import { parseFailpoints } from './failpoint.ts';
import { parseRedisUrl } from './redis-url.ts';

/** `fallback` is what an unset or empty variable means; null = the setting is off. */
interface Variable<Fallback extends string | null, Value> {
  fallback: Fallback;
  about: string;
  schema: z.ZodType<Value>;
}

function variable<Fallback extends string | null, Value>(fallback: Fallback, about: string, schema: z.ZodType<Value>) {
  return { fallback, about, schema } satisfies Variable<Fallback, Value>;
}

const text = z.string().max(2_000);
const count = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'expected a whole number').transform(Number).pipe(z.number().min(min).max(max));
const bytes = count(1, Number.MAX_SAFE_INTEGER);
const port = count(0, 65_535);
const usd = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'expected dollars such as 12.50')
  .transform(Number);

/** Dollars per million tokens, by model. */
const prices = z
  .string()
  .transform((value, context) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'expected JSON such as {"model":{"textIn":0.5,"audioIn":1,"out":3}}' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.strictObject({ textIn: z.number().min(0), audioIn: z.number().min(0), out: z.number().min(0) })));

/** Any parser that throws becomes a schema with its message. */
const parsedBy = <Value>(parse: (value: string) => Value) =>
  text.transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

const redisUrl = parsedBy((url) => {
  parseRedisUrl(url);
  return url;
});

const poolList = text
  .transform((value) => value.split(',').map((name) => name.trim()))
  .pipe(z.array(z.enum(pools)).min(1))
  .transform((names) => [...new Set(names)]);

const slots = (pool: string, fallback: string) =>
  variable(fallback, `How many stages of the pool ${pool} one worker process runs at once.`, count(1, 64));

/** `host:port` means http, as other programs read it. */
function toProxyUrl(value: string): string {
  const url = value.includes('://') ? value : `http://${value}`;
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw new Error('expected an HTTP proxy such as http://proxy:3128');
  return url;
}

/** THE list of settings. `.env.example` is made of it, and a name with our prefix that is not here is an error. */
export const variables = {
  CUTROOM_HOST: variable('127.0.0.1', 'Address to listen on. Any other than a loopback one needs CUTROOM_ADMIN_KEY.', text),
  CUTROOM_PORT: variable('8080', 'Port of the API, and of health and metrics of a worker. 0 = any free one.', port),
  CUTROOM_METRICS_PORT: variable(null, 'A port of its own for /metrics; unset = on CUTROOM_PORT.', port),
  CUTROOM_PUBLIC_URL: variable(
    null,
    'What callers reach the API by, for links in webhooks; unset = links are paths.',
    z.url({ protocol: /^https?$/ }),
  ),
  CUTROOM_DATA_DIR: variable('./data', 'Embedded Redis, local storage and scratch live here.', text),
  CUTROOM_STORAGE_URL: variable(
    null,
    'file:/path, or s3://bucket/prefix?endpoint=…&region=…; unset = storage/ in the data dir.',
    z.string().regex(/^(file:.|s3:\/\/.)/, 'expected file:/path or s3://bucket'),
  ),
  CUTROOM_COPIES_BYTES: variable('21474836480', 'Disk that local copies of files in s3:// storage may take (20 GiB).', bytes),
  CUTROOM_SCRATCH_DIR: variable(null, 'Private folders of running stages; unset = scratch/ in the data dir.', text),
  REDIS_URL: variable(
    null,
    'Queue Redis (noeviction): redis://, rediss://, redis-sentinel://h:p,h:p/master, redis-cluster://h:p,h:p, unix:/path. Unset = an embedded child.',
    redisUrl,
  ),
  CACHE_REDIS_URL: variable(null, 'Cache Redis (may evict); unset = the queue Redis, and the cache bounds itself.', redisUrl),
  REDIS_SERVER_BIN: variable(null, 'The program of the embedded Redis; unset = what ./run found.', text),
  CUTROOM_ADMIN_KEY: variable(
    null,
    'Key with every right. Unset on a loopback address = open, one tenant `local`.',
    z.string().min(8).max(200),
  ),
  CUTROOM_POOLS: variable(pools.join(','), 'The pools that this worker serves.', poolList),
  CUTROOM_PREPARE_CONCURRENCY: slots('prepare', '2'),
  CUTROOM_AI_CONCURRENCY: slots('ai', '4'),
  CUTROOM_RENDER_CONCURRENCY: slots('render', '2'),
  CUTROOM_DELIVER_CONCURRENCY: slots('deliver', '8'),
  CUTROOM_HARDWARE_SESSIONS: variable(
    '2',
    'How many encodes the hardware encoder of a worker takes at once; 0 = it is not used.',
    count(0, 64),
  ),
  CUTROOM_DRAIN_SECONDS: variable('10', 'How long a stopping process waits for what it hands back.', count(0, 600)),
  CUTROOM_MAX_UPLOAD_BYTES: variable('21474836480', 'Largest file of one upload or URL (20 GiB).', bytes),
  CUTROOM_MAX_PIXELS: variable('8294400', 'Largest picture of a video that is decoded (3840 × 2160).', bytes),
  CUTROOM_TENANT_QUOTA_BYTES: variable('107374182400', 'How much footage one tenant may keep (100 GiB); outputs are not counted.', bytes),
  CUTROOM_CREATES_PER_MINUTE: variable(
    null,
    'How many creating requests a tenant may make in a minute; unset = no limit.',
    count(1, 1_000_000),
  ),
  CUTROOM_RETENTION_DAYS: variable('30', 'How long finished jobs, outputs and unused assets are kept.', count(1, 3_650)),
  CUTROOM_PIECES_DAYS: variable(
    '7',
    'How long the pieces of a finished job are kept, which make its next revision cheap.',
    count(0, 3_650),
  ),
  CUTROOM_TENANT_PIECES_BYTES: variable(
    '53687091200',
    'How much of one tenant’s pieces of finished jobs is kept, the newest first (50 GiB).',
    bytes,
  ),
  CUTROOM_QUARANTINE_HOURS: variable('24', 'How long what nobody needs any more waits before it is deleted.', count(0, 720)),
  CUTROOM_SWEEP_MINUTES: variable('60', 'How often one worker looks for what has served its time.', count(1, 10_080)),
  CUTROOM_MIN_FREE_PERCENT: variable(
    '10',
    'Uploads leave so much of the disk free; with less of it, what nobody needs is deleted without waiting.',
    count(0, 90),
  ),
  CUTROOM_ALLOW_PRIVATE_NETS: variable(
    '',
    'Nets (CIDR, by comma) that webhooks and URL ingest may reach although private.',
    parsedBy(parseNets),
  ),
  CUTROOM_DENY_NETS: variable(
    '',
    'Public nets (CIDR, by comma) that they may not reach, such as those of the cluster.',
    parsedBy(parseNets),
  ),
  CUTROOM_EGRESS_PROXY: variable(null, 'HTTP proxy through which webhooks and URL ingest go.', z.url({ protocol: /^https?$/ })),
  HTTPS_PROXY: variable(null, 'HTTP proxy through which Gemini is asked; https_proxy is read, too.', parsedBy(toProxyUrl)),
  HTTP_PROXY: variable(null, 'The same for addresses without TLS, and for all when HTTPS_PROXY is unset.', parsedBy(toProxyUrl)),
  NO_PROXY: variable(null, 'Hosts that are asked without a proxy, by comma; this machine always is.', text),
  GEMINI_API_KEY: variable(null, 'Unset = every AI decision is made by the offline rules.', text),
  GEMINI_BASE_URL: variable('https://generativelanguage.googleapis.com', 'Where Gemini is asked.', z.url({ protocol: /^https?$/ })),
  CUTROOM_GEMINI_MODEL: variable('gemini-3.8-flash', 'Model for analysis and planning.', text),
  CUTROOM_IMAGE_MODEL: variable('gemini-3.1-flash-image', 'Model for pictures.', text),
  CUTROOM_AI_TENANT_DAY_USD: variable('50', 'What the AI calls of one tenant may cost in a UTC day, in dollars.', usd),
  CUTROOM_AI_GLOBAL_DAY_USD: variable('200', 'What all AI calls together may cost in a UTC day, in dollars.', usd),
  CUTROOM_AI_CALLS_AT_ONCE: variable('4', 'Questions that one worker process has open at a time.', count(1, 64)),
  CUTROOM_AI_REQUESTS_PER_MINUTE: variable('60', 'Questions in any minute, over all processes.', count(1, 100_000)),
  CUTROOM_AI_CALL_SECONDS: variable('120', 'How long one answer may take, to its last byte.', count(1, 280)),
  CUTROOM_AI_RETRY_MS: variable('4000', 'Least wait before a failed question is asked again; up to 2.5 times as long.', count(1, 60_000)),
  CUTROOM_AI_CIRCUIT_MS: variable('60000', 'How long a provider that failed five times in a row is left alone.', count(100, 3_600_000)),
  CUTROOM_AI_AHEAD_PER_MINUTE: variable(
    '0',
    'Questions that a worker asks in a minute because they are likely next; 0 = none. Saves waiting, not money.',
    count(0, 1_000),
  ),
  CUTROOM_AI_AHEAD_DAY_USD: variable('0.5', 'What such questions may cost one tenant in a UTC day, in dollars.', usd),
  CUTROOM_AI_PRICES: variable(
    '{}',
    'Prices that correct or complete the built-in table, in dollars per million tokens: {"model":{"textIn":0.5,"audioIn":1,"out":3}}.',
    prices,
  ),
  CUTROOM_RESEARCH_URL: variable(
    null,
    'A service that knows keywords and competitors (docs/research.md); unset = a tenant’s own finished jobs are all that is known.',
    z.url({ protocol: /^https?$/ }),
  ),
  CUTROOM_RESEARCH_KEY: variable(null, 'Sent to that service as a bearer token.', z.string().min(1).max(2_000)),
  FFMPEG_PATH: variable('ffmpeg', 'The ffmpeg program.', text),
  FFPROBE_PATH: variable('ffprobe', 'The ffprobe program.', text),
  CUTROOM_LOG_LEVEL: variable(
    'info',
    'trace, debug, info, warn, error or silent.',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
  ),
  CUTROOM_LOCK_SECONDS: variable(
    '10',
    'After so long without a sign of its worker a stage is taken for abandoned. Shorter finds the dead sooner and stalls busy machines.',
    count(1, 600),
  ),
  CUTROOM_RECONCILE_SECONDS: variable('15', 'How often one worker looks for what fell between two writes.', count(1, 600)),
  CUTROOM_FAILPOINT: variable(
    null,
    'For fault tests: name:kill|throw|sleep MS|stop:nth, by comma. Refused when NODE_ENV=production.',
    parsedBy(parseFailpoints),
  ),
};

/** The text of `.env.example`: every setting with its default, commented out. */
export function toEnvExample(): string {
  const paragraphs = Object.entries(variables).map(([name, { about, fallback }]) => `# ${about}\n#${name}=${fallback ?? ''}\n`);
  return `# Every setting of cutroom with its default. All are optional; all bad ones are reported together.\n\n${paragraphs.join('\n')}`;
}
