import { CutroomError, type ErrorCode } from '#contracts/errors';
import type { MediaLimits } from '../command.ts';
import type { ProcessEnd } from './supervise.ts';

type TimeLimits = Pick<MediaLimits, 'cpuS' | 'wallS' | 'stallS'>;
type End = Pick<ProcessEnd, 'code' | 'signal' | 'stopped' | 'stderr' | 'cpuS'>;

/** Why a run that did not end well failed, as a row of the error table; null when it ended well. */
export function toRunFailure(end: End, { limits, command }: { limits: TimeLimits; command: readonly string[] }): CutroomError | null {
  if (end.code === 0 && end.stopped === null) return null;
  const [code, detail] = classify(end, limits);
  const tool = { exit_code: end.code, stderr_tail: toSafeText(end.stderr.slice(-tailChars)), command: command.map(toSafeText) };
  return new CutroomError(code, { detail, tool });
}

const tailChars = 4000;

/** Absolute paths reduced to their base names: a trace may be shown to the caller. */
export function toSafeText(text: string): string {
  return text.replace(/(file:)?(?<![\w.)])(?:\/[^\s/:'",;()[\]]+)+/g, (path) => path.slice(path.lastIndexOf('/') + 1)).trim();
}

/** Texts on stderr that tell more than the exit code, which differs between versions. First match wins. */
const patterns: [RegExp, ErrorCode, string][] = [
  [/No space left on device/, 'STORAGE_FULL', 'The disk is full.'],
  [/exceeds specified max pixel count/, 'SOURCE_TOO_LARGE', 'The picture has more pixels than this service decodes.'],
  [/(Format|Protocol) (not on|.* is not in|.* not on) whitelist/i, 'SOURCE_UNREADABLE', 'The file is of a kind that is not accepted.'],
  [/^file:.*: (Invalid data found|End of file|Operation not permitted)/m, 'SOURCE_UNREADABLE', 'The file could not be read as media.'],
  [/moov atom not found|Error opening input/, 'SOURCE_UNREADABLE', 'The file could not be read as media.'],
];

function classify(end: End, limits: TimeLimits): [ErrorCode, string] {
  if (end.stopped === 'wall') return ['LIMIT_EXCEEDED', `The media tool ran longer than ${limits.wallS} s.`];
  if (end.stopped === 'stall') return ['TOOL_STALLED', `The media tool made no progress for ${limits.stallS} s.`];
  if (end.signal === 'SIGXFSZ') return ['LIMIT_EXCEEDED', 'An output grew beyond its limit.'];
  if (isOutOfCpu(end, limits)) return ['LIMIT_EXCEEDED', `The media tool used more than ${limits.cpuS} s of CPU.`];
  const known = patterns.find(([pattern]) => pattern.test(end.stderr));
  if (known) return [known[1], known[2]];
  if (end.code === 69) return ['SOURCE_UNREADABLE', 'Too much of the footage could not be decoded.'];
  if (end.signal === 'SIGKILL') return ['TOOL_FAILED', 'The media tool was killed, most likely for want of memory.'];
  return ['TOOL_FAILED', end.signal ? `The media tool ended by ${end.signal}.` : `The media tool ended with ${end.code}.`];
}

/** ffmpeg catches SIGXCPU and then exits with 255, as for any signal; the last sample of its time is a little old. */
function isOutOfCpu({ code, signal, cpuS }: End, limits: TimeLimits): boolean {
  return signal === 'SIGXCPU' || cpuS >= limits.cpuS || (code === 255 && cpuS >= limits.cpuS - 2);
}
