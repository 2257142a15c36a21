import type { MediaCommand, MediaTools, RunOptions } from '../ffmpeg.ts';
import { type Level, type Loudness, parseLoudness } from './loudness.ts';
import { type RawTrack, readLevelled } from './raw-track.ts';

export interface EncodedTrack {
  /** In the working folder. */
  name: string;
  /** Of the decoded AAC. */
  after: Loudness;
  level: Level;
}

const name = 'audio.m4a';
/** Enough bits that ffmpeg's fast search is also the better one: 2 to 11 dB less noise than by its default, in 40 % of the time. */
const bitrate = { 1: '128k', 2: '192k' } as const;
/** What ffmpeg's AAC encoder puts before the first sample. The MP4 says so, a raw stream cannot. */
const primingSamples = 1024;

/**
 * AAC in MP4 of exactly the track's samples. Three at a time: this process levels, one ffmpeg encodes, and another decodes
 * and measures what a listener will hear; nothing but the result touches the disk.
 */
export async function encodeTrack(
  track: RawTrack,
  level: Level,
  tools: Pick<MediaTools, 'run'>,
  options: Pick<RunOptions, 'cwd' | 'signal'>,
): Promise<EncodedTrack> {
  const coded = new TransformStream<Uint8Array, Uint8Array>();
  const writer = coded.writable.getWriter();
  const pipes = { stdin: readLevelled(track, level), onStdout: (chunk: Buffer) => writer.write(chunk) };
  const encoded = tools.run(buildEncode(track), { ...options, ...pipes }).then(() => writer.close());
  const measured = tools.run(buildMeasure(), { ...options, stdin: coded.readable });
  for (const half of [encoded, measured]) half.catch((error: unknown) => writer.abort(error)); // neither waits for one that is gone
  await Promise.allSettled([encoded, measured]);
  const { stderr } = await measured;
  await encoded;
  return { name, level, after: parseLoudness(stderr) };
}

/** To a file, and as a stream. */
function buildEncode({ sampleRate, channels }: Pick<RawTrack, 'sampleRate' | 'channels'>): MediaCommand {
  const raw = ['-f', 'f32le', '-ar', String(sampleRate), '-ac', String(channels)];
  const codec = ['-c:a', 'aac', '-aac_coder', 'fast', '-aac_is', '0', '-b:a', bitrate[channels]];
  const tee = { file: 'f=mp4:movflags=+faststart', stdout: 'f=adts:flush_packets=0' };
  return { inputs: [{ path: 'pipe:0', options: raw }], outputs: [{ options: ['-map', '0:a', ...codec], path: name, tee }] };
}

/** Loudness and peaks between samples, without what comes before the first one. */
function buildMeasure(): MediaCommand {
  return {
    inputs: [{ path: 'pipe:0', options: ['-f', 'aac'] }],
    filterGraph: `[0:a]atrim=start_sample=${primingSamples},ebur128=peak=true:framelog=verbose[measured]`,
    outputs: [{ options: ['-map', '[measured]', '-f', 'null'], path: 'measured' }],
    verbose: true,
  };
}
