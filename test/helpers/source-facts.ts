import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Artifacts } from '#contracts/artifacts';
import type { VideoFacts } from '#contracts/footage';
import { videoFacts } from './video-facts.ts';

const run = promisify(execFile);

interface Listing {
  packets: { pts_time: string; flags: string }[];
  format: { start_time: string };
  streams: { width: number; height: number; r_frame_rate: string; side_data_list?: { rotation?: number }[] }[];
}

/** Facts of a clip that a test made itself (constant rate, square pixels), read by ffprobe and not by the code under test. */
export async function readSource(path: string): Promise<Artifacts['source'] & { path: string }> {
  const entries = 'packet=pts_time,flags:stream=width,height,r_frame_rate:stream_side_data=rotation:format=start_time';
  const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', path], {
    maxBuffer: 2 ** 26,
  });
  return {
    path,
    blob: { key: 'source', bytes: 0, sha256: 'source', content_type: 'video/mp4' },
    normalized: false,
    video: toVideo(JSON.parse(stdout)),
  };
}

function toVideo({ packets, format, streams }: Listing): VideoFacts {
  const stream = streams[0]!;
  const rotation = (360 - (stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0)) % 360;
  const shown = packets.filter(({ flags }) => !flags.includes('D')).sort((a, b) => Number(a.pts_time) - Number(b.pts_time));
  const turned = rotation % 180 !== 0;
  return videoFacts({
    width: stream.width,
    height: stream.height,
    display_width: turned ? stream.height : stream.width,
    display_height: turned ? stream.width : stream.height,
    rotation,
    fps: stream.r_frame_rate,
    frames: shown.length,
    start_s: Number(shown[0]!.pts_time) - Number(format.start_time),
    keyframes: shown.flatMap(({ flags }, frame) => (flags.includes('K') ? [frame] : [])),
  });
}
