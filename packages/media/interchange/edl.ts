import type { FrameRange } from '#contracts/plan';
import type { InterchangeEdit } from './edit.ts';
import { type TimecodeRate, toTimecode, toTimecodeRate } from './timecode.ts';

/** What the format can number in one file. */
const maxEvents = 999;

/**
 * Pure: CMX3600, a picture event and a sound event per kept range, out points exclusive. More than 999 events become
 * several files; their record times go on where the file before ended.
 */
export function buildEdls(edit: InterchangeEdit): string[] {
  const rate = toTimecodeRate(edit.plan.source.fps);
  const channels = edit.audio === null ? ['V'] : ['V', 'AA'];
  const perFile = Math.floor(maxEvents / channels.length);
  const placed = placeOnRecord(edit.plan.keep);
  const files = Math.ceil(placed.length / perFile);
  return Array.from({ length: files }, (_, file) => {
    const events = placed
      .slice(file * perFile, (file + 1) * perFile)
      .flatMap((range) => channels.map((channel) => ({ ...range, channel })));
    const lines = events.flatMap((event, index) => toLines({ ...event, number: index + 1, name: toAscii(edit.name) }, rate));
    return [...header(edit, rate), ...lines, ''].join('\n');
  });
}

interface PlacedRange extends FrameRange {
  recordFrame: number;
}

function placeOnRecord(keep: readonly FrameRange[]): PlacedRange[] {
  let recordFrame = 0;
  return keep.map((range) => {
    const placed = { ...range, recordFrame };
    recordFrame += range.end_frame - range.start_frame;
    return placed;
  });
}

function header({ plan, name }: InterchangeEdit, rate: TimecodeRate): string[] {
  const note = `* ${plan.source.fps} FRAMES A SECOND COUNTED AS ${rate.nominal}: FRAME COUNTS ARE EXACT, TIMECODE RUNS BEHIND THE CLOCK`;
  return [
    `TITLE: ${toAscii(name).slice(0, 70)}`,
    `FCM: ${rate.dropFrame ? 'DROP FRAME' : 'NON-DROP FRAME'}`,
    `* RATE: ${plan.source.fps}`,
    ...(rate.drifts ? [note] : []),
  ];
}

function toLines(event: PlacedRange & { channel: string; number: number; name: string }, rate: TimecodeRate): string[] {
  const length = event.end_frame - event.start_frame;
  const times = [event.start_frame, event.end_frame, event.recordFrame, event.recordFrame + length].map((frame) => toTimecode(frame, rate));
  const number = String(event.number).padStart(3, '0');
  return [`${number}  AX       ${event.channel.padEnd(5)} C        ${times.join(' ')}`, `* FROM CLIP NAME: ${event.name}`];
}

/** One printable line; the format predates everything else. */
const toAscii = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]/g, '_');
