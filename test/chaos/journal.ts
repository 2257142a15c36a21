import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface Journal {
  /** On the disk when it returns. */
  add(id: string): void;
  ids(): string[];
  close(): void;
}

/** What the service has acknowledged, kept by its client: the service's own word is never the proof. */
export function openJournal(path: string): Journal {
  const descriptor = openSync(path, 'a');
  return {
    add(id) {
      writeSync(descriptor, `${id}\n`);
      fsyncSync(descriptor);
    },
    ids: () => readFileSync(path, 'utf8').split('\n').filter(Boolean),
    close: () => closeSync(descriptor),
  };
}
