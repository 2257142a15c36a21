import type { FrameRange } from '#contracts/plan';

/** What an edit file says, read the way an editing program would: kept ranges of the source and where each is placed. */
export interface ReadEdit {
  keep: FrameRange[];
  record: number[];
}

interface OtioTime {
  rate: number;
  value: number;
}

export function readOtio(text: string, kind: 'Video' | 'Audio'): ReadEdit {
  const timeline = JSON.parse(text);
  const track = timeline.tracks.children.find((child: { kind: string }) => child.kind === kind);
  const clips: { source_range: { start_time: OtioTime; duration: OtioTime } }[] = track.children;
  return place(
    clips.map(({ source_range: { start_time, duration } }) => ({
      start_frame: start_time.value,
      end_frame: start_time.value + duration.value,
    })),
  );
}

export function readFcpxml(text: string): ReadEdit {
  const [, frame] = /frameDuration="([^"]+)"/.exec(text)!;
  const clips = [...text.matchAll(/<asset-clip [^>]*offset="([^"]+)" start="([^"]+)" duration="([^"]+)"/g)];
  const frames = (time: string) => toTicks(time, frame!);
  return {
    keep: clips.map(([, , start, duration]) => ({ start_frame: frames(start!), end_frame: frames(start!) + frames(duration!) })),
    record: clips.map(([, offset]) => frames(offset!)),
  };
}

/** Every channel of an EDL must say the same; `nominal` as the file's own RATE line tells. */
export function readEdls(files: string[], channel: 'V' | 'AA'): ReadEdit {
  const events = files.flatMap((file) => {
    const nominal = Math.round(Number(/RATE: (\d+)/.exec(file)![1]) / Number(/RATE: \d+\/(\d+)/.exec(file)![1]));
    const lines = [...file.matchAll(/^\d{3} {2}AX {7}(\S+) +C {8}(\S+) (\S+) (\S+) (\S+)$/gm)];
    return lines.filter(([, on]) => on === channel).map(([, , ...times]) => times.map((time) => toFrame(time, nominal)));
  });
  return {
    keep: events.map(([start, end]) => ({ start_frame: start!, end_frame: end! })),
    record: events.map(([, , recordIn]) => recordIn!),
  };
}

/** By counting labels, not by the writer's formula. */
export function toFrame(timecode: string, nominal: number): number {
  const [hours, minutes, seconds, frames] = timecode.split(/[:;]/).map(Number) as [number, number, number, number];
  const label = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames;
  if (!timecode.includes(';')) return label;
  const wholeMinutes = hours * 60 + minutes;
  return label - (nominal / 15) * (wholeMinutes - Math.floor(wholeMinutes / 10));
}

function place(keep: FrameRange[]): ReadEdit {
  let at = 0;
  const record = keep.map((range) => {
    const here = at;
    at += range.end_frame - range.start_frame;
    return here;
  });
  return { keep, record };
}

/** Exact: refuses a time that is no whole number of frames. */
function toTicks(time: string, frame: string): number {
  const [ticks, scale = '1'] = time.replace('s', '').split('/');
  const [step, frameScale = '1'] = frame.replace('s', '').split('/');
  const frames = (BigInt(ticks!) * BigInt(frameScale)) / (BigInt(scale) * BigInt(step!));
  if (frames * BigInt(scale) * BigInt(step!) !== BigInt(ticks!) * BigInt(frameScale)) throw new Error(`${time} is no multiple of ${frame}`);
  return Number(frames);
}
