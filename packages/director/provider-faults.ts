import type { ProviderFault } from '#contracts/ai';

/** A vendor's refusal by HTTP, in the form that its errors have: Google's rpc details. */
export interface HttpRefusal {
  status: number;
  message: string;
  details: readonly Record<string, unknown>[];
}

/** From this delay on nobody waits inside a stage: it is a quota of a day, whatever it is called. */
const longDelayMs = 600_000;

/** Pure: what a refused call means for the one who asked. */
export function classifyRefusal({ status, message, details }: HttpRefusal): ProviderFault {
  if (status === 429) return classifyQuota(message, details);
  if (status >= 500 || status === 408) return { kind: 'unavailable' };
  return { kind: 'refused' };
}

function classifyQuota(message: string, details: HttpRefusal['details']): ProviderFault {
  const retryAfterMs = findRetryDelayMs(details);
  if (isQuotaZero(message, details)) return { kind: 'refused' };
  const perDay = violationsOf(details).some(({ quotaId }) => /PerDay/i.test(String(quotaId)));
  const isLong = retryAfterMs === null ? perDay : retryAfterMs > longDelayMs;
  if (isLong) return { kind: 'exhausted', retryAfterMs };
  return { kind: 'rate_limited', retryAfterMs };
}

/** `retryDelay` of google.rpc.RetryInfo: `"7s"`, `"1.5s"`. */
function findRetryDelayMs(details: HttpRefusal['details']): number | null {
  const info = details.find((detail) => String(detail['@type']).endsWith('google.rpc.RetryInfo'));
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(String(info?.['retryDelay']))?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/** No quota at all is told in three places, depending on who answers. */
function isQuotaZero(message: string, details: HttpRefusal['details']): boolean {
  const inMetadata = details.some((detail) => (detail['metadata'] as Record<string, unknown> | undefined)?.['quota_limit_value'] === '0');
  const inViolations = violationsOf(details).some(({ quotaValue }) => quotaValue === '0');
  return inMetadata || inViolations || /\blimit: 0\b(?!\.)/.test(message);
}

function violationsOf(details: HttpRefusal['details']): Record<string, unknown>[] {
  return details.flatMap((detail) => (Array.isArray(detail['violations']) ? (detail['violations'] as Record<string, unknown>[]) : []));
}
