import type { DirectorInput, Sound } from '#director/director';
import { directorInput, type Said } from './director-input.ts';

/** Numbers, a list, a quote, fillers, a sentence said twice: what directors are asked about. */
export const lectureSentences = [
  'Today we talk about bridges.',
  'um',
  'The longest bridge measures 164 kilometres.',
  'you know',
  'In 2007 the old bridge carried forty-two percent of all traffic.',
  'Engineers test every cable in the wind.',
  'Engineers test every single cable in the wind.',
  'As she said, bridges never sleep.',
  'A bridge needs steel, concrete and patience.',
  'So thank you for listening.',
] as const;

const wordS = 0.35;
const pauseS = 0.6;

export interface Lecture {
  words: Said[];
  speech: [number, number][];
  durationS: number;
}

/** Sentences one after the other, each word 0.35 s, a pause of 0.6 s between sentences; from the beginning again until `minS` is reached. */
export function makeLecture(sentences: readonly string[] = lectureSentences, minS = 0): Lecture {
  const words: Said[] = [];
  const speech: [number, number][] = [];
  let atS = pauseS;
  for (let index = 0; index < sentences.length || atS < minS; index++) {
    const startS = atS;
    for (const text of sentences[index % sentences.length]!.split(' ')) {
      words.push([text, round(atS), round(atS + wordS)]);
      atS += wordS;
    }
    speech.push([round(startS), round(atS)]);
    atS += pauseS;
  }
  return { words, speech, durationS: Math.ceil(atS * 25) / 25 };
}

/** −20 dB where words are, −60 dB elsewhere; filled in one go, because an hour has 360,000 levels. */
export function toDirectorInput({ words, speech, durationS }: Lecture, settings: Partial<DirectorInput['settings']> = {}): DirectorInput {
  const input = directorInput({ frames: Math.round(durationS * 25), settings });
  const envelope = new Int16Array(Math.ceil(durationS * 100)).fill(-6000);
  for (const [, start_s, end_s] of words) envelope.fill(-2000, Math.round(start_s * 100), Math.round(end_s * 100));
  return {
    ...input,
    envelope,
    audio: { ...input.audio, speech: speech.map(([start_s, end_s]) => ({ start_s, end_s })) },
    transcript: {
      origin: words.length > 0 ? 'supplied' : 'none',
      words: words.map(([text, start_s, end_s]) => ({ text, start_s, end_s, interpolated: false })),
      warnings: [],
    },
  };
}

/** The lecture as nobody wrote it down yet; `read` gives bytes that differ by the stretch. */
export function toSound(lecture: Lecture): Sound {
  const { audio, envelope } = toDirectorInput(lecture);
  const read = async ({ start_s }: { start_s: number }) => ({ bytes: Buffer.from(`sound from ${start_s}`), contentType: 'audio/flac' });
  return { audio, envelope, durationS: lecture.durationS, contentType: 'educational', read };
}

const round = (seconds: number) => Math.round(seconds * 1000) / 1000;
