import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { digestOf } from '#contracts/digest';
import { CutroomError, type ErrorCode, type ErrorDetails } from '#contracts/errors';
import { createId, type IdPrefix } from '#contracts/ids';
import { reach } from '#runtime/failpoint';
import type { Storage } from '#storage/storage';
import { decode, encode, places } from './places.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface Once {
  tenant: string;
  /** The header as sent; undefined = the request is not repeatable. */
  key: string | undefined;
  /** Everything that makes this request what it is; equal requests have equal fingerprints. */
  fingerprint: unknown;
  prefix: IdPrefix;
  /** Must give the same result when it is called again with the same id. */
  work: (id: string) => Promise<Answer>;
}

interface Claim {
  v: 1;
  fingerprint: string;
  /** Of the resource: decided before it is made, so that a repeat finishes what a crash left and makes no second one. */
  id: string;
  claimed_at: string;
  /** Sealed with the key's own text, which is not stored: answers may hold secrets that are told once. */
  answer: string | null;
}

type Outcome = { answer: Answer } | { error: { code: ErrorCode; details: ErrorDetails } };

const keptMs = 24 * 3_600_000;
/** An open claim of another process is taken over after so long: creating takes milliseconds once the body is here. */
const claimMs = 5_000;

export type Idempotency = ReturnType<typeof createIdempotency>;

/** Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): one claim in storage, made before anything else. */
export function createIdempotency(storage: Storage, now: () => number = Date.now) {
  const running = new Set<string>();

  /** The claim to work under, or the one that has its answer already. */
  async function claim(at: string, wanted: Claim): Promise<Claim> {
    if (await storage.create(at, encode(wanted))) return wanted;
    const found = decode<Claim>(await storage.get(at));
    if (!found) return claim(at, wanted);
    const ageMs = now() - Date.parse(found.claimed_at);
    if (ageMs > keptMs) {
      await storage.delete(at);
      return claim(at, wanted);
    }
    if (found.fingerprint !== wanted.fingerprint)
      throw new CutroomError('IDEMPOTENCY_KEY_REUSED', 'This key came with another request before.');
    if (found.answer === null && ageMs < claimMs) throw inFlight();
    return found;
  }

  return {
    async once({ tenant, key, fingerprint, prefix, work }: Once): Promise<Answer & { replayed: boolean }> {
      if (key === undefined) return { ...(await work(createId(prefix))), replayed: false };
      const seal = createSeal(tenant, checkKey(key));
      const at = places.idempotency(tenant, createHash('sha256').update(key).digest('hex'));
      if (running.has(at)) throw inFlight();
      running.add(at);
      try {
        const wanted: Claim = {
          v: 1,
          fingerprint: digestOf(fingerprint),
          id: createId(prefix),
          claimed_at: new Date(now()).toISOString(),
          answer: null,
        };
        await reach('idempotency.before');
        const held = await claim(at, wanted);
        await reach('idempotency.after');
        if (held.answer !== null) return { ...unpack(seal.open(held.answer)), replayed: true };
        const outcome = await attempt(() => work(held.id));
        if (isKept(outcome)) await storage.put(at, encode({ ...held, answer: seal.close(outcome) }));
        else await storage.delete(at);
        return { ...unpack(outcome), replayed: false };
      } finally {
        running.delete(at);
      }
    },
  };
}

function checkKey(key: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new CutroomError('IDEMPOTENCY_KEY_INVALID', 'The key is empty, too long, or holds other characters.');
}

const inFlight = () =>
  new CutroomError('IDEMPOTENCY_IN_FLIGHT', { detail: 'The first request with this key has not been answered.', retryAfterS: 1 });

/** A fault of ours or a limit says nothing about the request, so it is not kept. */
const isKept = (outcome: Outcome): boolean => 'answer' in outcome || new CutroomError(outcome.error.code, '').row.disposition === 'fail';

async function attempt(work: () => Promise<Answer>): Promise<Outcome> {
  try {
    return { answer: await work() };
  } catch (error) {
    if (!(error instanceof CutroomError)) throw error;
    const { cause: _, ...details } = error.details;
    return { error: { code: error.code, details } };
  }
}

function unpack(outcome: Outcome): Answer {
  if ('answer' in outcome) return outcome.answer;
  throw new CutroomError(outcome.error.code, outcome.error.details);
}

/** AES-256-GCM: 12 bytes of nonce, 16 of tag, the rest. */
function createSeal(tenant: string, key: string) {
  const secret = Buffer.from(hkdfSync('sha256', key, tenant, 'cutroom idempotent answer', 32));
  return {
    close(outcome: Outcome): string {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(outcome)), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(text: string): Outcome {
      const bytes = Buffer.from(text, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()) as Outcome;
    },
  };
}
