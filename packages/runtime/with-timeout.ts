import { ProviderError } from '#contracts/ai';
import { linkSignals } from './linked-signal.ts';

interface TimedParts {
  controller: AbortController;
  signal: AbortSignal;
  totalMs: number;
}

/** The call under one signal for all that may end it. What it throws because of our abort is told as the reason of the abort. */
export async function withTimeout<T>(call: (signal: AbortSignal) => Promise<T>, { controller, signal, totalMs }: TimedParts): Promise<T> {
  const late = new ProviderError(`no answer within ${totalMs / 1_000} s`, { fault: { kind: 'unavailable' } });
  const { unlink } = linkSignals([signal], { timeoutMs: totalMs, late, into: controller });
  try {
    return await call(controller.signal);
  } catch (error) {
    throw controller.signal.aborted && !signal.aborted ? controller.signal.reason : error;
  } finally {
    unlink();
  }
}
