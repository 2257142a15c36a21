import { CutroomError } from '#contracts/errors';
import type { Rational } from '#contracts/rational';

/** The displayed frames of one stream in order, from packets alone. Times are in ticks of the stream's time base. */
export interface FrameIndex {
  /** All packets with a time, shown or not. */
  packets: number;
  pts: number[];
  /** Frame numbers whose packet is a key frame. */
  keyframes: number[];
  /** Those key frames that later-coded pictures precede in display. */
  openGops: number[];
  /** Packets without a presentation time: their decoding time stands in, which is no more than a guess. */
  untimed: number;
  /** Packets before the first key frame. */
  undecodable: number;
}

interface Packet {
  pts: number;
  key: boolean;
  discarded: boolean;
}

/** Collects `pts|dts|flags` lines of ffprobe, in file order. About 24 bytes a packet: an hour at 60 fps takes 5 MB. */
export function createPacketReader(maxPackets: number): { onLine(line: string): void; index(): FrameIndex } {
  const packets: Packet[] = [];
  let untimed = 0;
  return {
    onLine(line) {
      const [pts = '', dts = '', flags = ''] = line.split('|');
      if (flags === '') return;
      const time = Number.isNaN(Number(pts)) ? Number(dts) : Number(pts);
      if (Number.isNaN(Number(pts))) untimed += 1;
      if (!Number.isNaN(time)) packets.push({ pts: time, key: flags.includes('K'), discarded: flags.includes('D') });
      if (packets.length > maxPackets) throw new CutroomError('SOURCE_TOO_LARGE', `The footage has more than ${maxPackets} frames.`);
    },
    index: () => toFrameIndex(packets, untimed),
  };
}

export function toFrameIndex(packets: readonly Packet[], untimed = 0): FrameIndex {
  const shown = packets.filter((packet) => !packet.discarded);
  const pts = shown.map((packet) => packet.pts).sort((a, b) => a - b);
  const frameOf = new Map(pts.map((time, frame) => [time, frame]));
  const keys: number[] = [];
  const open = new Set<number>();
  let undecodable = 0;
  let started = false;
  for (const packet of packets) {
    if (packet.key) started = true;
    if (!started) undecodable += 1;
    if (packet.discarded) continue;
    if (packet.key) keys.push(packet.pts);
    else if (keys.length > 0 && packet.pts < keys.at(-1)!) open.add(keys.at(-1)!);
  }
  const toFrames = (times: Iterable<number>) => [...times].map((time) => frameOf.get(time)!).sort((a, b) => a - b);
  return { packets: packets.length, pts, keyframes: toFrames(keys), openGops: toFrames(open), untimed, undecodable };
}

/** Largest distance of a frame from the grid `pts[0] + f / rate`, in ticks. */
export function gridDeviationTicks(pts: readonly number[], timeBase: Rational, rate: Rational): number {
  const ticksPerFrame = (timeBase.den * rate.den) / (timeBase.num * rate.num);
  let worst = 0;
  for (let frame = 1; frame < pts.length; frame++) {
    worst = Math.max(worst, Math.abs(pts[frame]! - pts[0]! - frame * ticksPerFrame));
  }
  return worst;
}
