import { crc32, deflateSync } from 'node:zlib';
import type { FakeCall } from './fake-gemini.ts';
import type { AnswerPart } from './fake-gemini-behaviour.ts';

export interface Answering {
  /** What is said in the footage, on its own clock: what transcription "hears". */
  words?: readonly { text: string; start_s: number; end_s: number }[];
}

/** What a model that does its work would say, derived from the question alone. */
export function answerLike({ data, body }: FakeCall, answering: Answering): AnswerPart[] {
  if (body.generationConfig?.responseModalities?.includes('IMAGE')) {
    const image = { inlineData: { mimeType: 'image/png', data: makePng(1_344, 768).toString('base64') } };
    return Array.from({ length: Number(data['count'] ?? 1) }, () => image);
  }
  const answer = answers[String(data['task'])];
  return [{ text: answer ? JSON.stringify(answer(data, answering)) : 'ok' }];
}

const answers: Record<string, (data: Record<string, unknown>, answering: Answering) => unknown> = {
  transcribe: ({ from_s, to_s }, { words = [] }) => ({
    words: words
      .filter((word) => word.start_s >= Number(from_s) && word.end_s <= Number(to_s))
      .map(({ text, start_s, end_s }) => ({ t: text, s: start_s - Number(from_s), e: end_s - Number(from_s) })),
  }),
  understand: (data) => ({
    content_type: 'educational',
    concepts: findFigures(data),
    peaks: [{ sentence: sentencesOf(data).length - 1, kind: 'insight' }],
    key_phrases: longWords(data).slice(0, 3),
    fillers: findFillers(data),
    ...(data['clips'] ? { clips: findPassages(data) } : {}),
  }),
  direct: (data) => ({ fillers: findFillers(data), retakes: [] }),
  metadata: (data) => ({
    title: sentencesOf(data)[0]?.slice(0, 60) ?? '',
    description: sentencesOf(data).slice(0, 2).join(' '),
    tags: longWords(data).slice(0, 4),
    chapters: [],
  }),
  look: ({ frames }) => ({
    title: 'Colours that come and go',
    description: 'Bright colours change slowly. Nobody speaks.',
    tags: ['Colours', 'calm'],
    seen: Array.from({ length: Number(frames) }, (_, index) => (index % 2 ? 'Calm colours' : 'Bright stripes')),
  }),
  thumbnails: ({ pictures }) => ({ headlines: (pictures as string[][]).map(([line = '']) => line.split(' ').slice(0, 4).join(' ')) }),
};

const sentencesOf = (data: Record<string, unknown>) => (data['sentences'] ?? []) as string[];

function findFillers(data: Record<string, unknown>) {
  return sentencesOf(data).flatMap((text, sentence) => (/\byou know\b/i.test(text) ? [{ sentence, phrase: 'you know' }] : []));
}

/** Fifty words from every tenth sentence on, the later the better. */
function findPassages(data: Record<string, unknown>) {
  const sentences = sentencesOf(data);
  const passages = sentences.flatMap((_, from) => {
    if (from % 10 !== 0) return [];
    let to = from;
    for (let words = 0; to < sentences.length && words < 50; to++) words += sentences[to]!.split(' ').length;
    const merit = Math.min(25, 5 + from / 10);
    const merits = { hook: merit, engagement: merit, value: merit, shareability: merit };
    return [{ from, to: to - 1, title: sentences[from]!.split(' ').slice(0, 8).join(' '), ...merits }];
  });
  return passages.slice(-Number(data['clips']));
}

/** "164 kilometres" is worth a card. */
function findFigures(data: Record<string, unknown>) {
  return sentencesOf(data).flatMap((text, sentence) => {
    const [phrase, value, unit] = /(\d+) (\p{L}+)/u.exec(text) ?? [];
    return phrase ? [{ sentence, kind: 'stat', phrase: text, labels: [], values: [Number(value)], unit }] : [];
  });
}

const longWords = (data: Record<string, unknown>) => [
  ...new Set(sentencesOf(data).flatMap((text) => text.toLowerCase().match(/\p{L}{5,}/gu) ?? [])),
];

/** One colour, but a picture that every decoder takes. */
export function makePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(width * 3, 0x60)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
