import type { WiredEngine } from '#engine/create';
import type { Work } from '#engine/nodes';
import type { Logger } from '#runtime/log';

const everyMs = 1000;

/** Tells the job of this node's progress, once a second at most. Progress is a courtesy: a fault is logged, never thrown. */
export function reportProgress(engine: WiredEngine, work: Work, log: Logger): (fraction: number) => void {
  let nextMs = 0;
  return (fraction) => {
    const now = performance.now();
    if (now < nextMs) return;
    nextMs = now + everyMs;
    engine.nodes.progress(work, fraction).catch((fault: unknown) => log.debug({ err: fault }, 'progress was not written'));
  };
}
