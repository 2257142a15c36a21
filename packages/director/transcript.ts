import type { AudioSignals, RangeS, Transcript } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { Warning } from '#contracts/footage';
import type { Settings } from '#contracts/settings';
import { checkWords } from './check-words.ts';
import { type Cue, parseCues } from './cues.ts';
import { fitWords } from './fit-words.ts';

export type TranscriptWord = Transcript['words'][number];

/** What a transcript is measured against. Without sound nothing can contradict the words. */
export interface TranscriptContext {
  durationS: number;
  /** First video frame after the container's start: written times count from the container, ours from the frame. */
  videoStartS: number;
  audio: Pick<AudioSignals, 'present' | 'speech' | 'undecided'>;
}

/**
 * A supplied transcript → words in source time, sorted, disjoint and inside the file. Lines become words by their share
 * of letters over the speech inside the cue, `interpolated: true`; one word per cue keeps its times. Throws
 * TRANSCRIPT_UNREADABLE with a pointer when there is text but no word in it.
 */
export function parseTranscript(given: NonNullable<Settings['transcript']>, context: TranscriptContext): Transcript {
  const read = 'words' in given ? readWords(given.words) : readCues(given, context);
  const moved = read.words.map((word) => ({
    ...word,
    start_s: word.start_s - context.videoStartS,
    end_s: word.end_s - context.videoStartS,
  }));
  const checked = checkWords(moved, { durationS: context.durationS, heard: heardRanges(context.audio) });
  return { origin: 'supplied', words: checked.words, warnings: [...read.warnings, ...checked.warnings] };
}

/** The answer when nobody supplied one. */
export const noTranscript: Transcript = { origin: 'none', words: [], warnings: [] };

/** The contract's bound on one word and on all of them. */
const maxWordCharacters = 200;
const maxWords = 200_000;
/** From this share of single-word cues on, a subtitle file is a word list and its times are measured, not spread. */
const wordLevelShare = 0.8;

type Read = { words: TranscriptWord[]; warnings: Warning[] };

function readWords(given: { text: string; start_s: number; end_s: number }[]): Read {
  const words = given
    .filter((word) => word.end_s >= word.start_s && word.text.trim() !== '')
    .map((word) => ({ text: word.text.trim(), start_s: word.start_s, end_s: word.end_s, interpolated: false }));
  if (given.length > 0 && words.length === 0) throw unreadable('/transcript/words', 'no word ends at or after its start');
  return {
    words,
    warnings:
      given.length > words.length ? [warn(`words left out, without text or ending before they start: ${given.length - words.length}`)] : [],
  };
}

function readCues(given: { srt: string } | { vtt: string }, context: TranscriptContext): Read {
  const [format, text] = 'srt' in given ? (['srt', given.srt] as const) : (['vtt', given.vtt] as const);
  const { cues, unreadable: lost } = parseCues(text);
  if (cues.length === 0 && !isEmptyFile(text)) throw unreadable(`/transcript/${format}`, 'no cue with a start and an end was found');
  const wordLevel = cues.filter((cue) => !/\s/.test(cue.text)).length >= wordLevelShare * cues.length;
  const heard = wordLevel ? [] : shiftRanges(heardRanges(context.audio) ?? [], context.videoStartS);
  const words = cues.flatMap((cue) => spreadCue(cue, { heard, interpolated: !wordLevel || /\s/.test(cue.text) }));
  if (words.length > maxWords) throw unreadable(`/transcript/${format}`, `more than ${maxWords} words`);
  return { words, warnings: lost > 0 ? [warn(`cues left out, without usable times: ${lost}`)] : [] };
}

/** Words over the heard parts of the cue; over the whole cue when nothing in it is heard. */
function spreadCue(cue: Cue, options: { heard: RangeS[]; interpolated: boolean }): TranscriptWord[] {
  const texts = splitWords(cue.text);
  if (texts.length === 0) return [];
  const whole = { start_s: cue.startS, end_s: cue.endS };
  const parts = intersect(options.heard, whole);
  return fitWords(texts, parts.length > 0 ? parts : [whole]).map((word) => ({ ...word, interpolated: options.interpolated }));
}

/** Punctuation standing alone joins the word before it; without a letter or digit there is no word. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const token of text.split(/\s+/).filter((part) => part !== '')) {
    if (/[\p{L}\p{N}]/u.test(token)) words.push(token.slice(0, maxWordCharacters));
    else if (words.length > 0 && token.length < 4) words.push(`${words.pop()} ${token}`);
  }
  return words;
}

function intersect(ranges: RangeS[], { start_s, end_s }: RangeS): RangeS[] {
  return ranges
    .filter((range) => range.end_s > start_s && range.start_s < end_s)
    .map((range) => ({ start_s: Math.max(start_s, range.start_s), end_s: Math.min(end_s, range.end_s) }));
}

const shiftRanges = (ranges: RangeS[], byS: number) => ranges.map((range) => ({ start_s: range.start_s + byS, end_s: range.end_s + byS }));

/** Speech, and what might be speech, in order. */
function heardRanges(audio: TranscriptContext['audio']): RangeS[] | null {
  return !audio.present ? null : [...audio.speech, ...audio.undecided].sort((one, other) => one.start_s - other.start_s);
}

const isEmptyFile = (text: string) => text.replace(/[\uFEFF\0]/g, '').trim() === '' || /^[\uFEFF\s]*WEBVTT(?!.*-->)/s.test(text);

const warn = (message: string): Warning => ({ code: 'TRANSCRIPT_CUES_DROPPED', stage: 'transcribe', message });

function unreadable(pointer: string, detail: string): CutroomError {
  return new CutroomError('TRANSCRIPT_UNREADABLE', { detail: `transcript: ${detail}`, errors: [{ pointer, detail }] });
}
