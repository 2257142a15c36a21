import type { Codec } from '#contracts/request';
import { readIvfTimes } from './ivf.ts';
import { padPiece, readPictureTimes } from './transport-stream.ts';

/** How a piece of some codec lies on disk until it is joined. */
export interface PieceFile {
  /** Ending of its name and, by `muxer`, what ffmpeg calls the container. */
  extension: string;
  muxer: string;
  contentType: string;
  /** Times of all its pictures, in ticks. */
  readTimes(path: string): Promise<{ times: number[]; ticksPerS: number }>;
  /** Makes a finished piece fit for joining. */
  finish(path: string): Promise<void>;
}

const transportStream: PieceFile = {
  extension: 'ts',
  muxer: 'mpegts',
  contentType: 'video/mp2t',
  readTimes: async (path) => ({ times: await readPictureTimes(path), ticksPerS: 90_000 }),
  finish: padPiece,
};

/** Its ticks are frames, so that times stay exact at any rate, and none of its codecs reorders packets. */
const ivf: PieceFile = {
  extension: 'ivf',
  muxer: 'ivf',
  contentType: 'video/x-ivf',
  readTimes: readIvfTimes,
  finish: async () => {},
};

/** MPEG-TS where its muxer knows the codec: pieces of other containers lose time stamps when joined. AV1 and VP9 it does not know. */
export const pieceFiles = { h264: transportStream, hevc: transportStream, av1: ivf, vp9: ivf } as const satisfies Record<Codec, PieceFile>;
