import { createHmac, randomBytes } from 'node:crypto';
import { CutroomError } from '#contracts/errors';
import type { SafeFetch } from './safe-fetch.ts';

/** Standard Webhooks 1.0: `whsec_` and base64 of 32 random bytes. */
export function createWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export interface WebhookMessage {
  /** Constant over retries and replays; holds no dot. */
  id: string;
  /** Seconds since 1970, of this attempt. */
  timestamp: number;
  /** The exact bytes that are sent; serialise once and keep them. */
  body: string;
  /** Several while a secret is being rotated: the receiver accepts any. */
  secrets: readonly string[];
}

/** Pure: the headers by which a receiver knows that the message is ours and whole. */
export function toWebhookHeaders({ id, timestamp, body, secrets }: WebhookMessage): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

/** Delay before each of the ten attempts: 75 h 35 min 5 s in all. */
export const webhookScheduleS: readonly number[] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/**
 * Pure: how long to wait after `made` failed attempts, ± 20 % jitter; null = no attempt is left. What the receiver asked
 * for (`Retry-After`) may only lengthen it, up to a day.
 */
export function nextWebhookDelayMs(made: number, retryAfterS: number | null = null, random = Math.random): number | null {
  const baseS = webhookScheduleS[made];
  if (baseS === undefined) return null;
  const askedS = Math.min(retryAfterS ?? 0, 86_400);
  return Math.round(Math.max(baseS * (0.8 + random() * 0.4), askedS) * 1_000);
}

/**
 * `delivered` 2xx · `gone` 410: disable the endpoint · `throttled` 429, 502, 504: go easy on it · `refused` any other
 * status, redirects included · `unreachable` no answer · `forbidden` an address we must not ask.
 */
export type DeliveryOutcome = 'delivered' | 'gone' | 'throttled' | 'refused' | 'unreachable' | 'forbidden';

/** What a delivery record keeps of an attempt. The answer's body is not among it: it could show what lies inside a network. */
export interface DeliveryAttempt {
  outcome: DeliveryOutcome;
  status: number | null;
  durationMs: number;
  error: string | null;
  retryAfterS: number | null;
}

export interface Delivery extends WebhookMessage {
  url: string;
  signal: AbortSignal;
}

const timeoutMs = 15_000;
const maxAnswerBytes = 4_096;

/** One attempt, without a retry. Throws only when `signal` is aborted. */
export function createDelivery(fetch: SafeFetch): (delivery: Delivery) => Promise<DeliveryAttempt> {
  return async (delivery) => {
    const startedMs = performance.now();
    const attempt = (found: Partial<DeliveryAttempt> & Pick<DeliveryAttempt, 'outcome'>): DeliveryAttempt => {
      const durationMs = Math.round(performance.now() - startedMs);
      return { status: null, error: null, retryAfterS: null, durationMs, ...found };
    };
    try {
      const { status, headers, body } = await fetch({
        url: delivery.url,
        method: 'POST',
        headers: toWebhookHeaders(delivery),
        body: Buffer.from(delivery.body),
        maxBytes: Number.MAX_SAFE_INTEGER,
        timeoutMs,
        httpsOnly: true,
        signal: delivery.signal,
      });
      body.once('error', () => {});
      await skim(body);
      return attempt({ outcome: outcomeOf(status), status, retryAfterS: parseRetryAfter(headers['retry-after']) });
    } catch (error) {
      delivery.signal.throwIfAborted();
      if (!(error instanceof CutroomError)) throw error;
      return attempt({ outcome: error.code === 'URL_NOT_ALLOWED' ? 'forbidden' : 'unreachable', error: error.details.detail });
    }
  };
}

export function outcomeOf(status: number): DeliveryOutcome {
  if (status >= 200 && status < 300) return 'delivered';
  if (status === 410) return 'gone';
  return [429, 502, 504].includes(status) ? 'throttled' : 'refused';
}

/** Seconds or an HTTP date; null when there is none or it makes no sense. */
export function parseRetryAfter(text: string | undefined, nowMs = Date.now()): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const atMs = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}

/** Lets a short answer arrive and hangs up on a long one. The status is known, so a broken rest changes nothing. */
async function skim(body: AsyncIterable<Buffer>): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes >= maxAnswerBytes) break;
    }
  } catch {
    return;
  }
}
