import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a fact: asks every few milliseconds until the answer is truthy, and gives it back. Throws after `timeoutMs`. */
export async function until<T>(fact: () => T | Promise<T>, timeoutMs = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await fact();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`It did not come true within ${timeoutMs} ms: ${fact}`);
    await delay(5); // no event tells when an arbitrary fact becomes true
  }
}
