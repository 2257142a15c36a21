import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** One card at one moment; shares are 0–1. A figure that the card does not tell is left out. */
export interface GpuReading {
  index: string;
  computeShare?: number;
  encoderShare?: number;
  memoryBytes?: number;
}

const fields = ['index', 'utilization.gpu', 'utilization.encoder', 'memory.used'];
const timeoutMs = 5_000;

/** What NVIDIA's own tool says of the cards here; null on a machine without that tool, or when it fails. */
export async function readGpus(searchPath: string): Promise<GpuReading[] | null> {
  const args = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
  try {
    return parseGpus((await promisify(execFile)('nvidia-smi', args, { timeout: timeoutMs, env: { PATH: searchPath } })).stdout);
  } catch {
    return null;
  }
}

/** Pure: one line a card, `[N/A]` for what it does not know, memory in MiB. */
export function parseGpus(csv: string): GpuReading[] {
  const lines = csv.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [index = '', compute, encoder, memory] = line.split(',').map((cell) => cell.trim());
    return {
      index,
      ...toFigure('computeShare', compute, 0.01),
      ...toFigure('encoderShare', encoder, 0.01),
      ...toFigure('memoryBytes', memory, 2 ** 20),
    };
  });
}

const toFigure = <K extends string>(name: K, text: string | undefined, scale: number): Partial<Record<K, number>> =>
  text !== undefined && /^\d+$/.test(text) ? ({ [name]: Number(text) * scale } as Partial<Record<K, number>>) : {};
