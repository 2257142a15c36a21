import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { parseRational } from '#contracts/rational';
import type { MediaTools } from '../ffmpeg.ts';
import { sampleAt } from '../sound/sample-grid.ts';
import { toTimescale } from './join.ts';

/** The delivered file as it lies on disk. Times in seconds, `keyframes` in frames. */
export interface OutputFacts {
  frames: number;
  keyframes: number[];
  width: number;
  height: number;
  video: { startS: number; endS: number };
  audio: { startS: number; endS: number } | null;
}

export interface OutputPromise {
  fps: string;
  frames: number;
  /** Frames at which a picture stands, where not every one has its own. */
  shownAt?: readonly number[];
  /** As a person sees it. */
  width: number;
  height: number;
  /** Clockwise turn that players are to make. */
  rotation?: number;
  hasAudio: boolean;
}

const seconds = z.string().transform(Number).pipe(z.number());
const probeSchema = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string(),
      width: z.number().optional(),
      height: z.number().optional(),
      time_base: z.string(),
      start_time: seconds,
      duration: seconds,
      side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
    }),
  ),
});

export interface Packet {
  pts: number;
  dts: number;
  key: boolean;
}

/** Reads every packet of the delivered video and holds it against the promise; any difference throws OUTPUT_INVALID. */
export async function verifyOutput(
  { path, promise, tools }: { path: string; promise: OutputPromise; tools: MediaTools },
  options: { cwd: string; signal: AbortSignal },
): Promise<OutputFacts> {
  const [probed, packets] = await Promise.all([
    tools.probe(
      { args: ['-show_entries', 'stream=codec_type,width,height,time_base,start_time,duration:stream_side_data=rotation'], path },
      options,
    ),
    readPackets({ path, tools }, options),
  ]);
  checkPackets(packets, promise);
  return toFacts(probeSchema.parse(probed), { packets, promise });
}

/** Every picture of a file in the order of decoding. */
export async function readPackets(
  { path, tools }: { path: string; tools: MediaTools },
  options: { cwd: string; signal: AbortSignal },
): Promise<Packet[]> {
  const packets: Packet[] = [];
  const onLine = (line: string) => line !== '' && packets.push(parsePacket(line));
  const args = ['-select_streams', 'v:0', '-show_entries', 'packet=pts,dts,flags', '-of', 'csv=p=0'];
  await tools.probeLines({ args, path }, { ...options, timeoutMs: 300_000, onLine });
  return packets;
}

/** As many pictures as planned, each where its frame stands, each decoded after the one before it. */
export function checkPackets(
  packets: readonly Packet[],
  { frames, fps, shownAt }: Pick<OutputPromise, 'frames' | 'fps' | 'shownAt'>,
): void {
  const pictures = shownAt?.length ?? frames;
  if (packets.length !== pictures) refuse(`The file has ${packets.length} frames, the plan says ${pictures}.`);
  const { num, den } = parseRational(fps);
  const step = (toTimescale(fps) * den) / num;
  const shown = packets.map(({ pts }) => pts).sort((a, b) => a - b);
  const strayed = shown.findIndex((pts, index) => pts - shown[0]! !== (shownAt?.[index] ?? index) * step);
  if (strayed >= 0) refuse(`Frame ${strayed} is not where it was planned.`);
  const disordered = packets.findIndex(({ dts }, index) => index > 0 && !(dts > packets[index - 1]!.dts));
  if (disordered >= 0) refuse(`Packet ${disordered} is to be decoded before its predecessor.`);
}

/**
 * How far sound and picture part, in milliseconds. Every cut lies on a frame and its sound on the nearest sample of the
 * same absolute grid; what else there is comes from where the two tracks start and from how many samples were written.
 */
export function toDriftMs(input: {
  fps: string;
  /** Output frames at which cuts lie. */
  cuts: readonly number[];
  frames: number;
  audio: { samples: number; sampleRate: number };
  startOffsetS: number;
}): { max: number; end: number } {
  const { num, den } = parseRational(input.fps);
  const { samples, sampleRate } = input.audio;
  const toDrift = (sample: number, frame: number) => Math.abs(sample / sampleRate - (frame * den) / num + input.startOffsetS) * 1000;
  const atCuts = input.cuts.map((frame) => toDrift(sampleAt(frame, { sampleRate, fps: input.fps }), frame));
  const end = toDrift(samples, input.frames);
  return { max: Math.max(end, ...atCuts), end };
}

function parsePacket(line: string): Packet {
  const [pts, dts, flags] = line.split(',');
  return { pts: Number(pts), dts: Number(dts), key: flags?.startsWith('K') ?? false };
}

function toFacts(
  { streams }: z.infer<typeof probeSchema>,
  { packets, promise }: { packets: readonly Packet[]; promise: OutputPromise },
): OutputFacts {
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  checkShape(video, promise);
  if ((audio !== undefined) !== promise.hasAudio) refuse(`The file has ${audio ? 'a' : 'no'} sound track, against the plan.`);
  const toSpan = (stream: { start_time: number; duration: number }) => ({
    startS: stream.start_time,
    endS: stream.start_time + stream.duration,
  });
  return {
    frames: packets.length,
    keyframes: toKeyframes(packets),
    width: promise.width,
    height: promise.height,
    video: toSpan(video!),
    audio: audio ? toSpan(audio) : null,
  };
}

function checkShape(video: z.infer<typeof probeSchema>['streams'][number] | undefined, promise: OutputPromise): void {
  const turn = ((-(video?.side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0) % 360) + 360) % 360;
  if (turn !== (promise.rotation ?? 0)) refuse(`The picture is to be turned by ${turn}°, the plan says ${promise.rotation ?? 0}°.`);
  const [width, height] = turn % 180 === 0 ? [promise.width, promise.height] : [promise.height, promise.width];
  if (video?.width !== width || video.height !== height) refuse(`The picture is ${video?.width}×${video?.height}.`);
}

export function toKeyframes(packets: readonly Packet[]): number[] {
  const shown = packets.toSorted((a, b) => a.pts - b.pts);
  return shown.flatMap(({ key }, frame) => (key ? [frame] : []));
}

function refuse(detail: string): never {
  throw new CutroomError('OUTPUT_INVALID', detail);
}
