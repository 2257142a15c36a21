import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stdout; whatever is a key, an Authorization header or the signature of a URL leaves as `[hidden]`. */
export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  const options = {
    level,
    name,
    redact: { paths: secretPaths, censor: hidden },
    serializers: { err: pino.stdSerializers.err },
    hooks: { streamWrite: hideSecrets },
  };
  return destination ? pino(options, destination) : pino(options);
}

export interface LoggerOptions {
  level: string;
  name: string;
  destination?: DestinationStream;
}

const hidden = '[hidden]';

const secretNames = ['authorization', 'cookie', 'password', 'secret', 'api_key', 'apiKey', 'x-goog-api-key', 'adminKey', 'geminiApiKey'];
const secretPaths = secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/** What hides inside texts: our keys, webhook secrets, Gemini keys, bearer tokens, credentials and signatures in URLs. */
const secretTexts: [RegExp, string][] = [
  [/\b(?:ck_|whsec_)[A-Za-z0-9_+/=-]{8,}/g, hidden],
  [/\bAIza[A-Za-z0-9_-]{20,}/g, hidden],
  [/\bBearer [A-Za-z0-9._~+/=-]+/gi, `Bearer ${hidden}`],
  [/([?&](?:signature|sig|token|key|x-amz-[a-z-]+|x-goog-[a-z-]+)=)[^&"\\\s]+/gi, `$1${hidden}`],
  [/(:\/\/[^:/@\s"]*:)[^@/\s"]+@/g, `$1${hidden}@`],
];

/** Pure: one log line without secrets. */
export function hideSecrets(line: string): string {
  return secretTexts.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

/** At most one line per `everyMs`; what was swallowed in between is counted in the next one. */
export function createErrorLog({ log, message, everyMs = 1_000, now = Date.now }: ErrorLogOptions): (error: unknown) => void {
  let quietUntilMs = 0;
  let swallowed = 0;
  return (error) => {
    if (now() < quietUntilMs) {
      swallowed++;
      return;
    }
    quietUntilMs = now() + everyMs;
    log.warn({ err: error, swallowed }, message);
    swallowed = 0;
  };
}

/** One voice for all who notice the same trouble: a line per `everyMs` at most, whoever says it. */
export function createCalmLog(log: Pick<Logger, 'warn'>, { everyMs = 5_000, now = Date.now } = {}): Pick<Logger, 'warn'> {
  let quietUntilMs = 0;
  const warn = (...line: unknown[]) => {
    if (now() < quietUntilMs) return;
    quietUntilMs = now() + everyMs;
    log.warn(...(line as [object, string]));
  };
  return { warn };
}

export interface ErrorLogOptions {
  log: Pick<Logger, 'warn'>;
  message: string;
  everyMs?: number;
  now?: () => number;
}
