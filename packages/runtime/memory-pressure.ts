import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** Share of memory in use, 0–1: of the machine or container, or of what V8 may take, whichever is worse. */
export function readMemoryPressure(): number {
  const { used_heap_size: heapUsed, heap_size_limit: heapLimit } = getHeapStatistics();
  const total = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return Math.max(heapUsed / heapLimit, 1 - process.availableMemory() / total);
}
