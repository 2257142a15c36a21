import type { Subjects } from '#contracts/artifacts';
import type { VideoFacts } from '#contracts/footage';
import type { MediaCommand, MediaTools } from '../ffmpeg.ts';
import { quickDecode } from '../sight/scene-scan.ts';
import { toFrames } from '../source/frame-time.ts';
import { findSubject, lookBytes, lookHeight, lookWidth } from './saliency.ts';

type Tracked = Pick<VideoFacts, 'index' | 'fps'>;

/** Five looks a second: a person walks a tenth of the picture between two of them. */
const looksPerS = 5;

/** Where the subject is over the whole footage: one quick decode to small pictures. */
export async function trackSubject(
  { path, video, tools }: { path: string; video: Tracked; tools: Pick<MediaTools, 'run'> },
  options: { cwd: string; signal: AbortSignal },
): Promise<Subjects> {
  const step = Math.max(1, toFrames(1 / looksPerS, video.fps));
  const samples: Subjects['samples'] = [];
  let before: Uint8Array | null = null;
  let looks = 0;
  const look = (picture: Uint8Array) => {
    const place = findSubject(picture, before);
    if (place) samples.push({ frame: looks * step, ...place });
    before = picture;
    looks++;
  };
  await tools.run(buildLookCommand({ path, video, step }), { ...options, onStdout: createPictureReader(look) });
  return { step, samples };
}

export function buildLookCommand({ path, video, step }: { path: string; video: Tracked; step: number }): MediaCommand {
  const filters = `select='not(mod(n,${step}))',scale=${lookWidth}:${lookHeight}:flags=area,format=rgb24`;
  return {
    inputs: [{ path, options: quickDecode }],
    outputs: [{ path: 'pipe:1', options: ['-map', `0:${video.index}`, '-vf', filters, '-fps_mode', 'passthrough', '-f', 'rawvideo'] }],
  };
}

function createPictureReader(take: (picture: Uint8Array) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % lookBytes);
    for (let at = 0; at < whole; at += lookBytes) take(Uint8Array.from(bytes.subarray(at, at + lookBytes)));
    rest = bytes.subarray(whole);
  };
}
