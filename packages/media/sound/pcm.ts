import type { Facts } from '#contracts/footage';
import type { MediaCommand, MediaOutput, MediaRun, MediaTools, RunOptions } from '../ffmpeg.ts';

export interface PcmSpec {
  /** Absolute path of the upload. */
  path: string;
  facts: Pick<Facts, 'container' | 'audio' | 'video'>;
  sampleRate: number;
  channels: 1 | 2;
  /** Exact length in samples per channel: longer sound is trimmed, shorter padded with silence. */
  samples: number;
  /** More filters at the delivered rate and layout. */
  filters?: readonly string[];
  /** Also report ebur128 of the undiminished layout on stderr. */
  measure?: boolean;
}

export interface PcmOptions extends Pick<RunOptions, 'cwd' | 'signal'> {
  /** Interleaved samples in order; whole sample frames only. ffmpeg waits until it resolves. */
  onBlock: (block: Float32Array) => void | Promise<void>;
  /** Share of `samples` handed out, 0–1. */
  onProgress?: (fraction: number) => void;
}

/** AVFMT_TS_DISCONT: ffmpeg counts time from the earliest stream it was asked for, so all must be asked for. */
const restartsTime = /^(mpegts|mpeg|ogg)/;
/** A timestamp this far off is a gap or an overlap; less is the jitter of containers that count milliseconds. */
const gapS = 0.05;
/** Layouts beyond 7.1 have no defined downmix. */
const mostMixedChannels = 8;

/** Decodes the sound onto the edit-time grid: sample 0 sounds with the first video frame, holes are filled with silence. */
export async function decodePcm(spec: PcmSpec, tools: Pick<MediaTools, 'run'>, options: PcmOptions): Promise<MediaRun> {
  const total = spec.samples * spec.channels;
  const toFloats = createFloatReader(4 * spec.channels);
  let given = 0;
  const give = async (block: Float32Array) => {
    const taken = block.subarray(0, total - given);
    given += taken.length;
    if (taken.length > 0) await options.onBlock(taken);
    options.onProgress?.(total === 0 ? 1 : given / total);
  };
  const run = await tools.run(buildDecode(spec), {
    cwd: options.cwd,
    signal: options.signal,
    onStdout: (chunk) => give(toFloats(chunk)),
  });
  while (given < total) await give(new Float32Array(spec.sampleRate * spec.channels));
  return run;
}

/** Pure: raw f32le on stdout; sample-exact for edit lists, AAC priming, non-zero starts, late and early sound. */
export function buildDecode(spec: PcmSpec): MediaCommand {
  const pcm: MediaOutput = { options: ['-map', '[pcm]', '-f', 'f32le'], path: 'pipe:1' };
  const measured: MediaOutput = { options: ['-map', '[measured]', '-f', 'null'], path: 'measured' };
  const all: MediaOutput = { options: ['-map', '0', '-ignore_unknown', '-c', 'copy', '-f', 'null'], path: 'all' };
  return {
    inputs: [{ path: spec.path }],
    filterGraph: buildGraph(spec),
    outputs: [pcm, ...(spec.measure ? [measured] : []), ...(restartsTime.test(spec.facts.container) ? [all] : [])],
    verbose: spec.measure ?? false,
  };
}

function buildGraph({ facts, sampleRate, channels, samples, filters = [], measure }: PcmSpec): string {
  const gridRate = measure ? 48_000 : sampleRate;
  const aligned = [
    `[0:${facts.audio!.index}]asetpts=PTS-${facts.video.start_s}/TB`,
    `atrim=end=${samples / sampleRate}`,
    `aresample=${gridRate}:async=1:first_pts=0:min_hard_comp=${gapS}`,
  ].join(',');
  const layout = channels === 1 ? 'mono' : 'stereo';
  const format = `aformat=sample_fmts=flt:sample_rates=${sampleRate}:channel_layouts=${layout}`;
  const mix = facts.audio!.channels > mostMixedChannels ? [`pan=${channels === 1 ? 'mono|c0=c0' : 'stereo|c0=c0|c1=c1'}`] : [];
  const delivered = [...mix, format, ...filters].join(',');
  if (!measure) return `${aligned},${delivered}[pcm]`;
  return `${aligned},asplit[loud][rest];[loud]ebur128=peak=true:framelog=verbose[measured];[rest]${delivered}[pcm]`;
}

/** Bytes in chunks of any length → the whole sample frames among them. */
export function createFloatReader(frameBytes: number): (chunk: Uint8Array) => Float32Array {
  let rest = new Uint8Array(0);
  return (chunk) => {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const whole = bytes.length - (bytes.length % frameBytes);
    rest = bytes.slice(whole);
    return new Float32Array(bytes.buffer, 0, whole / 4);
  };
}
