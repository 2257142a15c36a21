import { ProviderError } from '#contracts/ai';

interface TimedParts {
  controller: AbortController;
  signal: AbortSignal;
  totalMs: number;
}

/** The call under one signal for all that may end it. What it throws because of our abort is told as the reason of the abort. */
export async function withTimeout<T>(call: (signal: AbortSignal) => Promise<T>, { controller, signal, totalMs }: TimedParts): Promise<T> {
  const late = new ProviderError(`no answer within ${totalMs / 1_000} s`, { fault: { kind: 'unavailable' } });
  const timer = setTimeout(() => controller.abort(late), totalMs);
  // By hand: what AbortSignal.any gives may be collected before it fires (Node 20), and then nobody is told.
  const pass = () => controller.abort(signal.reason);
  signal.addEventListener('abort', pass, { once: true });
  try {
    return await call(controller.signal);
  } catch (error) {
    throw controller.signal.aborted && !signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', pass);
  }
}
