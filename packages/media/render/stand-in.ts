import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CutroomError } from '#contracts/errors';
import type { ChunkSpec } from '#contracts/render-specs';
import type { MediaTools } from '../ffmpeg.ts';
import { type ChunkRun, type RenderedChunk, renderChunk } from './chunk.ts';
import { hardwareLimits } from './hardware.ts';
import type { HardwareGate, HardwareNotes } from './hardware-gate.ts';

export interface PieceJob {
  spec: ChunkSpec;
  sourcePath: string;
  tools: MediaTools;
  gate: HardwareGate;
  notes?: HardwareNotes;
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
  if (!('refused' in tried)) return tried;
  job.notes?.fellBack(tried.refused);
  const cwd = join(run.cwd, 'software');
  await mkdir(cwd);
  return { ...(await renderChunk({ ...job, spec: toSoftware(spec) }, { ...run, cwd })), fallback: tried.why };
}

type Refused = { refused: Parameters<HardwareNotes['fellBack']>[0]; why: string };

async function tryHardware(job: PieceJob, run: ChunkRun): Promise<RenderedChunk | Refused> {
  const { spec, gate, jobId, tools, sourcePath } = job;
  const { name, software } = spec.encoder;
  const lostFaith = (why: string): Refused => ({ refused: 'given_up', why });
  if (software && !tools.capabilities.hardware.has(name)) return { refused: 'missing', why: `${name} does not work here` };
  const refusal = gate.refusal(jobId);
  if (software && refusal !== null) return lostFaith(refusal);
  const limited: MediaTools = { ...tools, run: (command, options) => tools.run(command, { ...options, limits: hardwareLimits }) };
  try {
    const asking = { id: jobId, insists: !software, signal: run.signal };
    const made = await gate.within(asking, () => renderChunk({ spec, sourcePath, tools: limited }, run));
    return made ?? lostFaith(gate.refusal(jobId) ?? `${name} was given up`);
  } catch (error) {
    if (run.signal.aborted || !(error instanceof CutroomError)) throw error;
    job.notes?.failed(name);
    if (!software) throw error;
    return { refused: 'failed', why: `${name}: ${error.details.detail}` };
  }
}

/** `software` stays in it: that is how its pieces are known to stand beside others of the same video. */
function toSoftware(spec: ChunkSpec): ChunkSpec {
  return { ...spec, encoder: { ...spec.encoder, ...spec.encoder.software, hardware: false } };
}
