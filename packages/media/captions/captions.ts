import { build } from 'subsrt-ts';
import type { PlanWord } from '#contracts/plan';
import { groupWords, toLine } from './lines.ts';

/** Output time in whole milliseconds; sorted, disjoint. One or two lines of at most 42 characters. */
export interface CaptionCue {
  startMs: number;
  endMs: number;
  lines: string[];
}

const maxLineCharacters = 42;
const maxCueS = 7;
const pauseS = 0.5;
/** Shorter cues cannot be read; they stay up into the pause behind them. */
const minCueMs = 800;

/** Pure: words in output time → cues of at most two lines and seven seconds, broken at pauses and sentence ends. */
export function buildCues(words: readonly PlanWord[]): CaptionCue[] {
  const rules = { maxCharacters: 2 * maxLineCharacters, maxWords: 40, maxDurationS: maxCueS, pauseS };
  const cues = groupWords(words, rules).flatMap((group) => toCues(group));
  return cues.map((cue, index) => ({ ...cue, endMs: endOf(cue, cues[index + 1]) })).filter((cue) => cue.endMs > cue.startMs);
}

/** Pure: SubRip. Has no escapes, so what a player would take for markup is written with look-alikes. */
export function buildSrt(words: readonly PlanWord[]): string {
  return write('srt', buildCues(words), (text) =>
    text
      .replaceAll('-->', '→')
      .replace(/[{}]/g, (brace) => (brace === '{' ? '(' : ')'))
      .replace(/<(?=[a-z/!])/gi, '‹'),
  );
}

/** Pure: WebVTT, escaped. */
export function buildVtt(words: readonly PlanWord[]): string {
  return write('vtt', buildCues(words), (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
}

function write(format: 'srt' | 'vtt', cues: CaptionCue[], toSafe: (text: string) => string): string {
  const captions = cues.map(({ startMs, endMs, lines }, index) => {
    const text = lines.map(toSafe).join('\n');
    return { type: 'caption' as const, index: index + 1, start: startMs, end: endMs, duration: endMs - startMs, content: text, text };
  });
  return build(captions, { format, eol: '\n' });
}

function toCues(group: PlanWord[]): CaptionCue[] {
  const lines = breakLines(group);
  if (lines === null) return [...toCues(group.slice(0, -1)), ...toCues(group.slice(-1))];
  return [{ startMs: toMs(group[0]!.start_s), endMs: toMs(group.at(-1)!.end_s), lines }];
}

/** The most even of the two-line breaks that fit; null when none does. */
function breakLines(group: PlanWord[]): string[] | null {
  if (toLine(group).length <= maxLineCharacters) return [toLine(group)];
  const breaks = group
    .slice(1)
    .map((_word, index) => [toLine(group.slice(0, index + 1)), toLine(group.slice(index + 1))])
    .filter((lines) => lines.every((line) => line.length <= maxLineCharacters));
  const longest = (lines: string[]) => Math.max(...lines.map((line) => line.length));
  return breaks.length === 0 ? null : breaks.reduce((best, lines) => (longest(lines) < longest(best) ? lines : best));
}

function endOf(cue: CaptionCue, next: CaptionCue | undefined): number {
  if (next === undefined) return cue.endMs;
  return Math.min(next.startMs, Math.max(cue.endMs, cue.startMs + minCueMs));
}

const toMs = (seconds: number) => Math.round(seconds * 1000);
