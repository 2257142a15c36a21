/** What one question to a model used; prices turn it into dollars. */
export interface AiUsage {
  tokensIn: number;
  tokensOut: number;
  images: number;
  /** Of `tokensIn`, those of sound: they cost more. */
  audioTokensIn?: number;
}

/** Why a provider gave no usable answer, classified once where it was heard; the caller decides what happens next. */
export type ProviderFault =
  /** 5xx, reset, timeout: counts against the breaker, may be tried again. */
  | { kind: 'unavailable' }
  /** Too fast: not the breaker's business; not again before `retryAfterMs` when the provider named one. */
  | { kind: 'rate_limited'; retryAfterMs: number | null }
  /** A quota that is spent for the day: trying again before `retryAfterMs`, or soon when none is named, is pointless. */
  | { kind: 'exhausted'; retryAfterMs: number | null }
  /** 400, 403, 404, a blocked prompt, a quota of zero: the same question is refused for ever. */
  | { kind: 'refused' }
  /** An answer came that is not what was asked for, also after one repair. */
  | { kind: 'unusable' };

export class ProviderError extends Error {
  readonly fault: ProviderFault;
  /** What the failed call cost all the same, when it is known. */
  readonly usage: AiUsage | null;

  constructor(message: string, { fault, usage = null, cause }: { fault: ProviderFault; usage?: AiUsage | null; cause?: unknown }) {
    super(message, { cause });
    this.name = 'ProviderError';
    this.fault = fault;
    this.usage = usage;
  }
}
