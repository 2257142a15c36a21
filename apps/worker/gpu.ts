import type { HardwareNotes } from '#media/render/hardware-gate';
import { readGpus } from '#runtime/gpu';
import type { Telemetry } from '#runtime/telemetry';

/** Counts what pieces ask of the encoding hardware and how that ends. */
export const createHardwareNotes = (gpu: Telemetry['gpu']): HardwareNotes => ({
  using: (sessions) => gpu.sessions.set({ state: 'in_use' }, sessions),
  failed: (encoder) => gpu.failures.inc({ encoder }),
  fellBack: (reason) => gpu.fallbacks.inc({ reason }),
});

/** A look at the cards for every call, until one finds that nobody can tell of any. Says first how many encodes may run at once. */
export function createGpuWatch({ gpu, sessions, searchPath }: { gpu: Telemetry['gpu']; sessions: number; searchPath: string }) {
  gpu.sessions.set({ state: 'limit' }, sessions);
  gpu.sessions.set({ state: 'in_use' }, 0);
  let isKnown = true;
  return async (): Promise<void> => {
    if (!isKnown) return;
    const readings = await readGpus(searchPath);
    isKnown = readings !== null;
    for (const metric of [gpu.utilization, gpu.memory]) metric.reset();
    for (const { index, computeShare, encoderShare, memoryBytes } of readings ?? []) {
      if (computeShare !== undefined) gpu.utilization.set({ gpu: index, unit: 'compute' }, computeShare);
      if (encoderShare !== undefined) gpu.utilization.set({ gpu: index, unit: 'encoder' }, encoderShare);
      if (memoryBytes !== undefined) gpu.memory.set({ gpu: index }, memoryBytes);
    }
  };
}
