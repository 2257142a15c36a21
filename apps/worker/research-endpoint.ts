import { text } from 'node:stream/consumers';
import { ProviderError } from '#contracts/ai';
import { CutroomError } from '#contracts/errors';
import type { EndpointQuestion } from '#director/endpoint-source';
import type { Guard } from '#runtime/resilience';
import type { SafeFetch, SafeResponse } from '#runtime/safe-fetch';

export interface EndpointParts {
  url: string;
  /** Sent as a bearer token. */
  key: string | null;
  safeFetch: SafeFetch;
  guard: Pick<Guard, 'run'>;
}

/** For a whole answer; a service that thinks longer is taken for hanging. */
export const researchTimeoutMs = 10_000;
const maxBytes = 1_048_576;

/** Questions to the owner's research service: through the guarded way out, one circuit, one retry layer. Throws as `Guard.run`. */
export const createEndpointPost =
  ({ url, key, safeFetch, guard }: EndpointParts) =>
  (question: EndpointQuestion, signal: AbortSignal): Promise<unknown> =>
    guard.run(
      async (callSignal) => {
        const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
        const body = Buffer.from(JSON.stringify(question));
        try {
          return await read(
            await safeFetch({ url, method: 'POST', headers, body, maxBytes, timeoutMs: researchTimeoutMs, signal: callSignal }),
          );
        } catch (error) {
          callSignal.throwIfAborted();
          throw toProviderError(error);
        }
      },
      { signal },
    );

async function read(response: SafeResponse): Promise<unknown> {
  const { status, headers, body } = response;
  if (status !== 200) {
    body.destroy();
    throw new ProviderError(`the research service answered ${status}`, { fault: faultOf(status, headers['retry-after']) });
  }
  const answer = await text(body);
  try {
    return JSON.parse(answer);
  } catch {
    throw new ProviderError('the research service did not answer with JSON', { fault: { kind: 'unusable' } });
  }
}

function faultOf(status: number, retryAfter: string | undefined): ProviderError['fault'] {
  const seconds = Number(retryAfter ?? Number.NaN);
  if (status === 429) return { kind: 'rate_limited', retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : null };
  return { kind: status >= 500 || status === 408 ? 'unavailable' : 'refused' };
}

function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const final = error instanceof CutroomError && error.code !== 'URL_UNREACHABLE';
  return new ProviderError((error as Error).message, { fault: { kind: final ? 'refused' : 'unavailable' }, cause: error });
}
