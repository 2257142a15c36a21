import { estimateMemoryMb } from '#media/render/fit-limits';
import { createHardwareGate, type HardwareNotes } from '#media/render/hardware-gate';
import { pieceFiles } from '#media/render/piece-file';
import { renderPiece } from '#media/render/stand-in';
import type { Admission } from '../admission.ts';
import type { Stage } from '../stage.ts';

/** `hardwareSessions` = encodes that the machine's device takes at once. */
export function createRenderChunk({
  hardwareSessions,
  hardwareNotes,
  admission,
}: {
  hardwareSessions: number;
  hardwareNotes: HardwareNotes;
  admission: Admission;
}): Stage<'render-chunk'> {
  const gate = createHardwareGate(hardwareSessions, hardwareNotes.using);
  return async ({ item, job }, { media, scratch, signal, progress, open, store }) => {
    const bytes = estimateMemoryMb(item.encoder.codec, item.picture, item.video) * 1e6;
    return admission.within(bytes, async () => {
      const sourcePath = await open(item.source);
      const run = { cwd: scratch, signal, onProgress: progress };
      const { path, ...piece } = await renderPiece(
        { spec: item, sourcePath, tools: media, gate, notes: hardwareNotes, jobId: job.id },
        run,
      );
      return { ...piece, blob: await store(path, pieceFiles[item.encoder.codec].contentType) };
    });
  };
}
