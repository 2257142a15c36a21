/** An input as a builder describes it; the runner adds whitelists, decoder limits and `file:`. */
export interface MediaInput {
  options?: string[];
  /** Absolute path, or `pipe:0` with its `-f`; for `lavfi` the source graph. `rawvideo` is a file of our own making. */
  path: string;
  format?: 'lavfi' | 'concat' | 'rawvideo' | undefined;
}

export interface MediaOutput {
  options: string[];
  /** A plain name inside the working folder, or `pipe:1`. */
  path: string;
  /** Packets go to `path` and at once to stdout as well: muxer options of the two, such as `f=adts`. Then `options` name no format. */
  tee?: { file: string; stdout: string };
}

/** One ffmpeg run as data, made by pure builders and compared as data in tests. */
export interface MediaCommand {
  inputs: MediaInput[];
  filterGraph?: string;
  outputs: MediaOutput[];
  /** `-v info`: for filters that report on stderr (ebur128, silencedetect). Default is errors only. */
  verbose?: boolean;
  /** `-v warning`: for runs whose messages are their result. */
  warnings?: boolean;
}

/** What one child process may use; every limit is finite. */
export interface MediaLimits {
  wallS: number;
  cpuS: number;
  /** Without a new frame, output byte or byte read for this long, the run is stalled. */
  stallS: number;
  /** Address space: a backstop only, because ffmpeg hangs instead of failing when it is too low. */
  memoryBytes: number;
  /** Size of one output file, or of all bytes on stdout. */
  outputBytes: number;
  /** Length of one output. */
  outputS: number;
  maxPixels: number;
}

export const defaultLimits: MediaLimits = {
  wallS: 2 * 3600,
  cpuS: 16 * 3600,
  stallS: 60,
  memoryBytes: 6 * 2 ** 30,
  outputBytes: 16 * 2 ** 30,
  outputS: 12 * 3600,
  maxPixels: 33_554_432,
};

/** Demuxers that parse one self-contained file. Never hls, dash, concat, sdp or rtp: those open what the file names. */
const demuxers = [
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,gif,apng,ivf,mxf,dv,yuv4mpegpipe',
  'h264,hevc,av1,obu,m4v,mjpeg,mp3,wav,w64,flac,aac,ac3,eac3,amr,amrnb,amrwb,aiff,caf,au,opus',
  's16le,f32le,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,image2,ffmetadata,srt,ass,webvtt',
].join(',');

/** Options before an input's own: what it may open, and how large a picture its decoder may make. */
export function buildInputOptions(input: MediaInput, limits: Pick<MediaLimits, 'maxPixels'>): string[] {
  const own = input.options ?? [];
  if (input.format === 'lavfi') return [...whitelist('lavfi'), '-f', 'lavfi', ...own];
  if (input.format === 'concat') return [...whitelist(`concat,${demuxers}`), '-f', 'concat', '-safe', '1', ...own];
  if (input.format === 'rawvideo') return [...whitelist('rawvideo'), '-f', 'rawvideo', ...own];
  return [...whitelist(demuxers), '-max_pixels', String(limits.maxPixels), ...own];
}

export function toInputUrl(input: MediaInput): string {
  return input.format === 'lavfi' || input.path === 'pipe:0' ? input.path : `file:${input.path}`;
}

export function toOutputUrl({ path, tee }: MediaOutput): string {
  return tee ? `[${tee.file}]${path}|[${tee.stdout}]pipe:1` : path;
}

export const usesStdout = ({ path, tee }: MediaOutput) => path === 'pipe:1' || tee !== undefined;

/** An output's options with the caps of the run; an own `-t` stays. */
export function buildOutputOptions(output: MediaOutput, limits: Pick<MediaLimits, 'outputBytes' | 'outputS'>): string[] {
  const length = output.options.includes('-t') ? [] : ['-t', String(limits.outputS)];
  return [...output.options, ...(output.tee ? ['-f', 'tee'] : []), ...length, '-fs', String(limits.outputBytes)];
}

/** Whitelists for ffprobe, which has no other input options of ours. */
export function buildProbeOptions(limits: Pick<MediaLimits, 'maxPixels'>): string[] {
  return [...whitelist(demuxers), '-max_pixels', String(limits.maxPixels)];
}

function whitelist(formats: string): string[] {
  return ['-protocol_whitelist', 'file,pipe', '-format_whitelist', formats];
}
