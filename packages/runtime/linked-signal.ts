export interface LinkedSignal {
  signal: AbortSignal;
  abort: (reason?: unknown) => void;
  /** Off the sources and the clock again; afterwards only `abort` ends the signal. */
  unlink: () => void;
}

interface LinkOptions {
  /** Counted from now; ends the signal with `late`. */
  timeoutMs?: number;
  /** Default: as `AbortSignal.timeout` says it. */
  late?: unknown;
  into?: AbortController;
}

/**
 * One signal that any of `sources` ends, or the clock. By hand, because on Node 20 what `AbortSignal.any` and
 * `AbortSignal.timeout` give may be collected before it fires, and then whoever waits is never told. Unlink what is no longer
 * needed: a source that outlives many links would gather their listeners.
 */
export function linkSignals(sources: readonly AbortSignal[], { timeoutMs, late, into }: LinkOptions = {}): LinkedSignal {
  const controller = into ?? new AbortController();
  const abort = (reason?: unknown) => controller.abort(reason);
  const passes = sources.map((source) => ({ source, pass: () => abort(source.reason) }));
  for (const { source, pass } of passes) {
    if (source.aborted) pass();
    else source.addEventListener('abort', pass, { once: true });
  }
  const end = () => abort(late ?? new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
  const unlink = () => {
    clearTimeout(timer);
    for (const { source, pass } of passes) source.removeEventListener('abort', pass);
  };
  return { signal: controller.signal, abort, unlink };
}
