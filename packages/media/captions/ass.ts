import type { PlanWord } from '#contracts/plan';
import { groupWords, type LineRules } from './lines.ts';
import { fitFontSize } from './text-width.ts';

/** The picture the words are burnt into. Up to 100 frames per second: ASS counts in hundredths. */
export interface AssPicture {
  width: number;
  height: number;
  fps: number;
  /** Family name, as the font file says it. */
  font: string;
}

interface Event {
  startFrame: number;
  endFrame: number;
  text: string;
}

/**
 * Pure: Advanced SubStation Alpha with one event per word: its whole line, the word coloured and popped. Words may
 * begin before 0 (a piece of a longer video); what is shown begins at 0.
 */
export function buildAss(words: readonly PlanWord[], picture: AssPicture): string {
  const lines = groupWords(words, assLineRules(picture));
  const events = lines.flatMap((line, index) => toEvents({ line, next: lines[index + 1] }, picture));
  return [...header(picture), ...events.map((event) => toDialogue(event, picture.fps)), ''].join('\n');
}

/**
 * Pure: the words that a piece [startS, endS) of the output must burn, in the piece's own time: whole lines, so that a
 * line cut in two by a seam reads the same in both pieces.
 */
export function selectBurnWords(
  words: readonly PlanWord[],
  piece: { startS: number; endS: number; width: number; height: number },
): PlanWord[] {
  return groupWords(words, assLineRules(piece))
    .filter((line) => line[0]!.start_s < piece.endS && line.at(-1)!.end_s > piece.startS)
    .flat()
    .map((word) => ({ ...word, start_s: word.start_s - piece.startS, end_s: word.end_s - piece.startS }));
}

/** Two to four words; platforms cover the lower part and the sides of upright pictures. */
function assLineRules({ width, height }: { width: number; height: number }): LineRules {
  return { maxCharacters: height > width ? 16 : 20, maxWords: 4, maxDurationS: 4, pauseS: 0.3 };
}

const bottomMargin = 0.15;
const sideMargin = 0.06;
const active = '&H00FFFF&';
const popMs = 80;
/** Half frames round the same way in a piece as in the whole. */
const epsilon = 1e-6;

function header({ width, height, font }: AssPicture): string[] {
  const size = baseFontSize({ width, height });
  const sides = Math.round(width * sideMargin);
  const style = [
    `Style: Word,${font},${size},&H00FFFFFF,&H00FFFFFF,&H00000000,&H80000000,-1,0,0,0,100,100,0,0,1`,
    `${Math.max(1, Math.round(size / 14))},${Math.round(size / 28)},2,${sides},${sides},${Math.ceil(height * bottomMargin)},1`,
  ].join(',');
  return [
    '[Script Info]',
    'ScriptType: v4.00+',
    'WrapStyle: 2',
    'ScaledBorderAndShadow: yes',
    `PlayResX: ${width}`,
    `PlayResY: ${height}`,
    '',
    '[V4+ Styles]',
    'Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding',
    style,
    '',
    '[Events]',
    'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text',
  ];
}

/** A line of ordinary letters at its greatest length fits; wider ones are shrunk one by one. */
function baseFontSize({ width, height }: { width: number; height: number }): number {
  const ordinary = 'n'.repeat(assLineRules({ width, height }).maxCharacters);
  return fitFontSize(ordinary, { size: Math.max(8, Math.round(height * 0.065)), maxWidth: safeWidth(width) });
}

const safeWidth = (width: number) => width * (1 - 2 * sideMargin);

function toEvents({ line, next }: { line: PlanWord[]; next: PlanWord[] | undefined }, picture: AssPicture): Event[] {
  const frameAt = (seconds: number) => Math.floor(seconds * picture.fps + 0.5 + epsilon);
  const limit = next === undefined ? Number.POSITIVE_INFINITY : frameAt(next[0]!.start_s);
  const lineEnd = Math.min(limit, Math.max(frameAt(line.at(-1)!.end_s), frameAt(line.at(-1)!.start_s) + 1));
  return line
    .map((word, index) => ({
      startFrame: Math.max(0, frameAt(word.start_s)),
      endFrame: index + 1 < line.length ? frameAt(line[index + 1]!.start_s) : lineEnd,
      text: toText(line, { activeIndex: index, picture }),
    }))
    .filter((event) => event.endFrame > event.startFrame);
}

function toText(line: PlanWord[], { activeIndex, picture }: { activeIndex: number; picture: AssPicture }): string {
  const texts = line.map((word) => escapeAss(word.text));
  const size = baseFontSize(picture);
  const fitted = fitFontSize(texts.join(' '), { size, maxWidth: safeWidth(picture.width) });
  const own = fitted < size ? `{\\fs${fitted}}` : '';
  const shown = texts.map((text, index) => {
    if (index !== activeIndex) return text;
    return `{\\c${active}\\fscx90\\fscy90\\t(0,${popMs},\\fscx108\\fscy108)}${text}{\\r}${own}`;
  });
  return own + shown.join(' ');
}

/** Braces open overrides and the backslash breaks lines, in every reader of ASS; none of them has an escape they all know. */
function escapeAss(text: string): string {
  return text.replaceAll('{', '(').replaceAll('}', ')').replaceAll('\\', '/');
}

function toDialogue({ startFrame, endFrame, text }: Event, fps: number): string {
  return `Dialogue: 0,${toAssTime(startFrame, fps)},${toAssTime(endFrame, fps)},Word,,0,0,0,,${text}`;
}

/** Hundredths, floored: then a frame's own time is never before its event, on all rates up to 100. */
function toAssTime(frame: number, fps: number): string {
  const hundredths = Math.floor((100 * frame) / fps + 1e-6);
  const pad = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(hundredths / 100);
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}.${pad(hundredths % 100)}`;
}
