import { setTimeout as delay } from 'node:timers/promises';

/** Does something so many times, evenly over a time; what is late is done at once. */
export async function paced({ count, overMs }: { count: number; overMs: number }, act: (index: number) => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  const open: Promise<unknown>[] = [];
  for (let index = 0; index < count; index++) {
    const aheadMs = startMs + (index / count) * overMs - performance.now();
    if (aheadMs > 0) await delay(aheadMs); // the pace is what is wanted
    open.push(act(index));
  }
  await Promise.all(open);
}
