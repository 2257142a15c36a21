import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Member<Message> {
  child: ChildProcess;
  messages: Message[];
  /** Resolves when it has gone, whichever way. */
  gone: Promise<void>;
  send(message: unknown): void;
  kill(): void;
}

/** A real process of its own that runs `test/helpers/<script>.ts` with `options` and tells by messages. */
export function startMember<Message>(
  script: string,
  options: object,
  onMessage: (message: Message) => void = () => undefined,
): Member<Message> {
  const path = fileURLToPath(new URL(`./${script}.ts`, import.meta.url));
  const child = fork(path, [JSON.stringify(options)], {
    execArgv: ['--conditions=source', '--import=tsx'],
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  });
  const messages: Message[] = [];
  child.on('message', (message) => {
    messages.push(message as Message);
    onMessage(message as Message);
  });
  return {
    child,
    messages,
    gone: once(child, 'exit').then(() => undefined),
    send: (message) => void child.send(message as object),
    kill: () => void child.kill('SIGKILL'),
  };
}
