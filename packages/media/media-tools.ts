import type { Capabilities } from './capabilities.ts';
import type { Progress } from './child/progress.ts';
import type { MediaCommand, MediaLimits } from './command.ts';

export interface RunOptions {
  /** The attempt's private folder; every output name is inside it. */
  cwd: string;
  signal: AbortSignal;
  limits?: Partial<MediaLimits>;
  onProgress?: (progress: Progress) => void;
  /** The bytes of `pipe:0`. A throw of it ends the run with that error. */
  stdin?: AsyncIterable<Uint8Array>;
  /** Takes the bytes of `pipe:1`; a returned promise holds ffmpeg back. A throw ends the run with that error. */
  onStdout?: (chunk: Buffer) => void | Promise<void>;
}

export interface MediaRun {
  /** The last 64 KB, without progress lines. */
  stderr: string;
  wallS: number;
  cpuS: number;
  /** Resident memory at its highest. */
  peakMemoryBytes: number;
}

export interface ProbeOptions {
  cwd: string;
  signal: AbortSignal;
  /** Default 30 s. */
  timeoutMs?: number;
}

export interface ProbeInput {
  args: string[];
  /** Absolute. */
  path: string;
}

/** What every stage gets to work on media with. */
export interface MediaTools {
  /** Resolves after the process is gone; rejects with the signal's reason, or a CutroomError holding the tail of stderr. */
  run(command: MediaCommand, options: RunOptions): Promise<MediaRun>;
  /** ffprobe's answer as parsed JSON; `-of json`, the whitelists and the input are added to `args`. */
  probe(input: ProbeInput, options: ProbeOptions): Promise<unknown>;
  /** ffprobe with its own `-of`; each line of stdout as it comes. */
  probeLines(input: ProbeInput, options: ProbeOptions & { onLine: (line: string) => void }): Promise<void>;
  capabilities: Capabilities;
  fonts: { dir: string; regular: string; bold: string };
}
