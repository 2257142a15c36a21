/** `./run serve`: the whole service in the foreground. One line on stdout when it is ready; every log line on stderr. */
import { ConfigError, parseConfig } from '#runtime/config';
import { createLogger } from '#runtime/log';
import { createStack, type Stack } from './stack/stack.ts';

const { env, stdout, stderr } = process;

try {
  process.exitCode = await serve();
} catch (error) {
  stderr.write(
    `${error instanceof ConfigError || env['CUTROOM_LOG_LEVEL'] !== 'debug' ? (error as Error).message : (error as Error).stack}\n`,
  );
  process.exitCode = 1;
}

/** 0 after an orderly stop. A second signal hurries the first. */
async function serve(): Promise<number> {
  const config = parseConfig(env, { role: 'api', cwd: process.cwd() });
  const log = createLogger({ level: config.logLevel, name: 'launch', destination: stderr });
  const stopping = new AbortController();
  let stack: Stack | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) stack?.hurry();
      stopping.abort();
    });
  }
  const onLog = (line: string) => stderr.write(`${line}\n`);
  try {
    stack = await createStack({ root: process.cwd(), env, config, log, onLog, signal: stopping.signal });
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    throw error;
  }
  if (!stopping.signal.aborted) {
    stdout.write(`cutroom ready ${stack.url}\n`);
    await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
  }
  log.info({}, 'stopping: work in progress is handed back');
  await stack.close();
  return 0;
}
