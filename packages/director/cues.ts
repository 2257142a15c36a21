import { toPlainText } from './cue-text.ts';

/** One timed text; times as written, in seconds of the subtitle file. */
export interface Cue {
  startS: number;
  endS: number;
  text: string;
}

export interface Cues {
  cues: Cue[];
  /** Time lines that say nothing usable: no two times, or an end at or before its start or before zero. */
  unreadable: number;
}

/**
 * Reads SRT and WebVTT alike: a cue is a line with `-->` and the text below it, up to an empty line or the next time
 * line. Sequence numbers, headers, notes and styles are whatever lies between. Cues come sorted by start. Ours and not
 * `subsrt-ts`, which drops cues without a number, reads `.5` as 5 ms and needs quadratic time for some inputs.
 */
export function parseCues(text: string): Cues {
  const lines = text.replace(/[\uFEFF\0]/g, '').split(/\r\n|\r|\n/);
  const cues: Cue[] = [];
  let unreadable = 0;
  for (let index = 0; index < lines.length; index++) {
    if (!lines[index]!.includes('-->')) continue;
    const body = bodyBelow(lines, index);
    const times = parseTimes(lines[index]!);
    if (times === null) unreadable++;
    else cues.push({ ...times, text: toPlainText(body.join('\n').slice(0, maxCueCharacters)) });
    index += body.length;
  }
  return { cues: cues.sort((one, other) => one.startS - other.startS || one.endS - other.endS), unreadable };
}

/** An hour of speech in one cue; more is not a subtitle. */
const maxCueCharacters = 100_000;
const sequenceNumber = /^\s*\d+\s*$/;

function bodyBelow(lines: string[], timeLine: number): string[] {
  let end = timeLine + 1;
  while (end < lines.length && lines[end]!.trim() !== '' && !lines[end]!.includes('-->')) end++;
  const body = lines.slice(timeLine + 1, end);
  const nextFollowsDirectly = end < lines.length && lines[end]!.includes('-->');
  if (nextFollowsDirectly && body.length > 1 && sequenceNumber.test(body.at(-1)!)) body.pop();
  return body;
}

function parseTimes(line: string): { startS: number; endS: number } | null {
  const [left, right] = line.split('-->');
  const startS = parseTime(left!);
  const endS = parseTime(right!);
  if (startS === null || endS === null || endS <= 0 || endS <= startS) return null;
  return { startS: Math.max(0, startS), endS };
}

const timePattern = /^\s*(-?)(?:(\d{1,4}):)?(\d{1,3}):(\d{1,3})(?:[.,](\d{1,9}))?(?=\s|$)/;

function parseTime(text: string): number | null {
  const match = timePattern.exec(text);
  if (match === null) return null;
  const [, sign, hours = '0', minutes, seconds, fraction = '0'] = match;
  const value = Number(hours) * 3600 + Number(minutes) * 60 + Number(`${seconds}.${fraction}`);
  return sign === '-' ? -value : value;
}
