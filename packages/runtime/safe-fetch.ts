import { isIPv6 } from 'node:net';
import { Readable } from 'node:stream';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { CutroomError } from '#contracts/errors';
import { linkSignals } from './linked-signal.ts';
import { checkTarget, type Resolve, resolveByDns, type Target, type TargetRules } from './safe-target.ts';

export interface SafeRequest {
  url: string;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** Of the answer's body; more ends the stream with `UPLOAD_TOO_LARGE`. */
  maxBytes: number;
  /** For everything, redirects and the body included. */
  timeoutMs: number;
  /** Default 0: a 3xx is the answer. Each hop is checked anew. */
  maxRedirects?: number;
  httpsOnly?: boolean;
  signal: AbortSignal;
}

export interface SafeResponse {
  status: number;
  headers: Record<string, string>;
  url: string;
  /** As sent: nothing is decompressed. Read it or destroy it. */
  body: Readable;
}

export interface SafeFetchOptions extends TargetRules {
  /** An egress proxy is the stronger wall; addresses are judged here all the same. */
  proxy?: string | null;
  resolve?: Resolve;
}

/** Errors: `URL_NOT_ALLOWED` (never what was found there), `URL_UNREACHABLE`, `UPLOAD_TOO_LARGE`. */
export type SafeFetch = (request: SafeRequest) => Promise<SafeResponse>;

/** The only way out for addresses that users gave us: webhooks and URL ingest. Holds no connections. */
export function createSafeFetch({ proxy = null, resolve = resolveByDns, ...rules }: SafeFetchOptions): SafeFetch {
  return async (wanted) => {
    const { signal, unlink } = linkSignals([wanted.signal], { timeoutMs: wanted.timeoutMs });
    try {
      const response = await follow(wanted, signal);
      response.body.once('close', unlink);
      return response;
    } catch (error) {
      unlink();
      throw error;
    }
  };

  async function follow(wanted: SafeRequest, deadline: AbortSignal): Promise<SafeResponse> {
    const late = rejectedBy(deadline);
    let url = wanted.url;
    for (let hop = 0; ; hop++) {
      const target = await allowedTarget(url, wanted, late);
      const response = await send({ wanted, target, proxy, deadline });
      const location = redirectOf(response, target.url);
      if (location === null || hop >= (wanted.maxRedirects ?? 0)) return response;
      response.body.destroy();
      url = location;
    }
  }

  async function allowedTarget(url: string, { httpsOnly = false, signal }: SafeRequest, late: Promise<never>): Promise<Target> {
    const verdict = await Promise.race([checkTarget(url, { rules, resolve, httpsOnly }), late]).catch((error: unknown) => {
      throw toFetchError(error, signal);
    });
    if ('allowed' in verdict) return verdict.allowed;
    if ('unreachable' in verdict) throw new CutroomError('URL_UNREACHABLE', `The address could not be fetched: ${verdict.unreachable}.`);
    throw new CutroomError('URL_NOT_ALLOWED', refusals[verdict.refused]);
  }
}

/** For races only: nobody need listen to it. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  const late = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  late.catch(() => {});
  return late;
}

const refusals = {
  address: 'The address is not allowed.',
  host: 'The address is not allowed.',
  scheme: 'The scheme is not allowed here.',
  port: 'Only ports 80 and 443 are allowed.',
  credentials: 'An address with user name or password is not allowed.',
};

const connectTimeoutMs = 5_000;
const maxHeaderBytes = 16_384;

interface Sending {
  wanted: SafeRequest;
  target: Target;
  proxy: string | null;
  deadline: AbortSignal;
}

async function send({ wanted, target, proxy, deadline }: Sending): Promise<SafeResponse> {
  const dispatcher = proxy === null ? pinnedAgent(target.address) : new ProxyAgent({ uri: proxy, maxHeaderSize: maxHeaderBytes });
  try {
    const answer = await request(target.url, {
      dispatcher,
      method: wanted.method ?? 'GET',
      headers: { 'user-agent': 'cutroom', 'accept-encoding': 'identity', ...wanted.headers },
      body: wanted.body ?? null,
      signal: deadline,
      headersTimeout: wanted.timeoutMs,
      bodyTimeout: wanted.timeoutMs,
    });
    // Whoever reads the body sees its errors; a body that nobody reads must not end the process with them.
    answer.body.on('error', () => {});
    const headers = flatHeaders(answer.headers);
    refuseTooLarge(Number(headers['content-length'] ?? 0), wanted.maxBytes);
    const body = Readable.from(capped(answer.body, wanted), { objectMode: false });
    body.once('close', () => void dispatcher.destroy());
    return { status: answer.statusCode, headers, url: target.url.href, body };
  } catch (error) {
    void dispatcher.destroy();
    throw toFetchError(error, wanted.signal);
  }
}

/** Connects to the checked address whatever the name says now; TLS still verifies the name. */
function pinnedAgent(address: string): Dispatcher {
  const family = isIPv6(address) ? 6 : 4;
  return new Agent({
    maxHeaderSize: maxHeaderBytes,
    connect: {
      timeout: connectTimeoutMs,
      lookup: (_hostname, options, callback) => {
        if (options.all) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
    },
  });
}

async function* capped(body: Readable, { maxBytes, signal }: SafeRequest): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      refuseTooLarge(bytes, maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw toFetchError(error, signal);
  }
}

function refuseTooLarge(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new CutroomError('UPLOAD_TOO_LARGE', `The answer is larger than ${maxBytes} bytes.`);
}

/** Our caller's abort stays an abort; everything else is the other side's fault, named by its code only. */
function toFetchError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof CutroomError || signal.aborted) return error;
  const code = (error as { code?: string }).code ?? (error as Error).name;
  return new CutroomError('URL_UNREACHABLE', { detail: `The address could not be fetched (${code}).`, cause: error });
}

function redirectOf({ status, headers }: SafeResponse, base: URL): string | null {
  const location = headers['location'];
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null;
  return URL.canParse(location, base.href) ? new URL(location, base.href).href : null;
}

function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return Object.fromEntries(pairs);
}
