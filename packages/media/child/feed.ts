import type { Writable } from 'node:stream';

/**
 * Gives a child its standard input at the child's pace, and closes it after the last byte. The promise rejects with what
 * the source threw and never resolves. A child that ends early is no failure here: its own end tells why.
 */
export function feedStdin(stdin: Writable, source: AsyncIterable<Uint8Array>): Promise<never> {
  stdin.on('error', () => {}); // the broken pipe of a child that is gone
  return new Promise((_, reject) => {
    give(stdin, source).catch(reject);
  });
}

async function give(stdin: Writable, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of source) {
    await new Promise((taken) => stdin.write(chunk, taken));
    if (stdin.destroyed) return;
  }
  stdin.end();
}
