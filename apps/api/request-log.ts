import type { FastifyBaseLogger } from 'fastify';

/** A logger that carries `bindings`, made at its first word: one per request is wanted, and few requests say anything. */
export function createRequestLog(log: FastifyBaseLogger, bindings: Record<string, unknown>): FastifyBaseLogger {
  let made: FastifyBaseLogger | null = null;
  const own = (): FastifyBaseLogger => {
    made ??= log.child(bindings);
    return made;
  };
  const say =
    (level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace') =>
    (...line: unknown[]) =>
      own()[level](...(line as [object, string]));
  return {
    level: log.level,
    silent: () => undefined,
    fatal: say('fatal'),
    error: say('error'),
    warn: say('warn'),
    info: say('info'),
    debug: say('debug'),
    trace: say('trace'),
    child: (...of) => own().child(...of),
  };
}
