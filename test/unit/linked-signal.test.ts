import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { linkSignals } from '#runtime/linked-signal';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('any source ends it, with its reason; afterwards nothing hangs on the sources', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const { signal } = linkSignals([first.signal, second.signal]);
  second.abort('enough');
  expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  expect(linkSignals([second.signal]).signal.reason).toBe('enough');
});

test('unlinked it outlives its sources and its time', async () => {
  const source = new AbortController();
  const { signal, unlink, abort } = linkSignals([source.signal], { timeoutMs: 10 });
  unlink();
  source.abort();
  await delay(20);
  expect(signal.aborted).toBe(false);
  abort('now');
  expect(signal.reason).toBe('now');
});

test('the clock ends it even when nobody but a listener knows it and the memory is tidied', async () => {
  const told = new Promise<unknown>((resolve) => {
    const { signal } = linkSignals([], { timeoutMs: 50 });
    signal.addEventListener('abort', () => resolve(signal.reason));
  });
  collect();
  expect(await told).toMatchObject({ name: 'TimeoutError' });
});
