import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChunkSpec } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { MediaTools } from '../ffmpeg.ts';
import { type ChunkRun, type RenderedChunk, renderChunk } from './chunk.ts';
import { hardwareLimits } from './hardware.ts';
import type { HardwareGate } from './hardware-gate.ts';

export interface PieceJob {
  spec: ChunkSpec;
  sourcePath: string;
  tools: MediaTools;
  gate: HardwareGate;
  jobId: string;
}

/**
 * Encodes one piece the way it is specified. What the hardware cannot do here and now, software does, and the reason is
 * told as `fallback`; a job that requires hardware gets the hardware's error instead.
 */
export async function renderPiece(job: PieceJob, run: ChunkRun): Promise<RenderedChunk> {
  const { spec } = job;
  if (!spec.encoder.hardware) return renderChunk(job, run);
  const tried = await tryHardware(job, run);
  if (typeof tried !== 'string') return tried;
  const cwd = join(run.cwd, 'software');
  await mkdir(cwd);
  return { ...(await renderChunk({ ...job, spec: toSoftware(spec) }, { ...run, cwd })), fallback: tried };
}

async function tryHardware({ spec, gate, jobId, tools, sourcePath }: PieceJob, run: ChunkRun) {
  const refused = tools.capabilities.hardware.has(spec.encoder.name) ? gate.refusal(jobId) : `${spec.encoder.name} does not work here`;
  if (refused !== null && spec.encoder.software) return refused;
  const limited: MediaTools = { ...tools, run: (command, options) => tools.run(command, { ...options, limits: hardwareLimits }) };
  const job = { id: jobId, insists: !spec.encoder.software, signal: run.signal };
  try {
    const made = await gate.within(job, () => renderChunk({ spec, sourcePath, tools: limited }, run));
    return made ?? gate.refusal(jobId) ?? `${spec.encoder.name} was given up`;
  } catch (error) {
    if (run.signal.aborted || !(error instanceof CutroomError) || !spec.encoder.software) throw error;
    return `${spec.encoder.name}: ${error.details.detail}`;
  }
}

/** `software` stays in it: that is how its pieces are known to stand beside others of the same video. */
function toSoftware(spec: ChunkSpec): ChunkSpec {
  return { ...spec, encoder: { ...spec.encoder, ...spec.encoder.software, hardware: false } };
}
