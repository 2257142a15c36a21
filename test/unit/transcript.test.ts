import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { parseTranscript, type TranscriptContext } from '#director/transcript';

const silentFilm: TranscriptContext = { durationS: 100, videoStartS: 0, audio: { present: false, speech: [], undecided: [] } };
const spoken = (...speech: [number, number][]): TranscriptContext => ({
  ...silentFilm,
  audio: { present: true, speech: speech.map(([start_s, end_s]) => ({ start_s, end_s })), undecided: [] },
});
const texts = (given: Parameters<typeof parseTranscript>[0], context = silentFilm) =>
  parseTranscript(given, context).words.map((word) => word.text);
const cue = (times: string, text: string) => `${times}\n${text}\n`;

describe('a supplied SRT or VTT', () => {
  it('gives words by their share of letters and the blanks between them, marked as interpolated', () => {
    const { words, origin } = parseTranscript({ srt: `1\n${cue('00:00:01,000 --> 00:00:03,000', 'abc d')}` }, silentFilm);
    expect(origin).toBe('supplied');
    expect(words).toEqual([
      { text: 'abc', start_s: 1, end_s: 1 + 8 / 6, interpolated: true },
      { text: 'd', start_s: 1 + 8 / 6, end_s: 3, interpolated: true },
    ]);
  });

  it('spreads words over what is heard inside the cue, not over its silence', () => {
    const { words } = parseTranscript({ srt: cue('00:00:00,000 --> 00:00:08,000', 'aa bb cc dd') }, spoken([1, 2], [5, 6]));
    expect(words.map((word) => [word.start_s, word.end_s])).toEqual([
      [1, 1.5],
      [1.5, 2],
      [5, 5.5],
      [5.5, 6],
    ]);
  });

  it('takes one word per cue as measured times', () => {
    const vtt = `WEBVTT\n\n${cue('0:00:02.000 --> 0:00:02.380', 'So')}\n${cue('0:00:02.540 --> 0:00:02.920', '[UH]')}\n${cue('0:00:03.080 --> 0:00:03.620', 'tonight')}`;
    const { words } = parseTranscript({ vtt }, silentFilm);
    expect(words).toEqual([
      { text: 'So', start_s: 2, end_s: 2.38, interpolated: false },
      { text: '[UH]', start_s: 2.54, end_s: 2.92, interpolated: false },
      { text: 'tonight', start_s: 3.08, end_s: 3.62, interpolated: false },
    ]);
  });

  it.each([
    ['a byte order mark', `\uFEFF1\n${cue('00:00:00,000 --> 00:00:01,000', 'one')}`, ['one']],
    ['UTF-16 read as bytes', [...cue('00:00:00,000 --> 00:00:01,000', 'one')].join('\0'), ['one']],
    [
      'missing sequence numbers',
      `${cue('00:00:00,000 --> 00:00:01,000', 'one')}\n${cue('00:00:01,000 --> 00:00:02,000', 'two')}`,
      ['one', 'two'],
    ],
    [
      'no empty line between cues',
      `1\n${cue('00:00:00,000 --> 00:00:01,000', 'one')}2\n${cue('00:00:01,000 --> 00:00:02,000', 'two')}`,
      ['one', 'two'],
    ],
    ['points for commas, no hours, short fractions', cue('00:01.5 --> 00:02.25', 'one'), ['one']],
    ['CR line ends', cue('00:00:00,000 --> 00:00:01,000', 'one').replaceAll('\n', '\r'), ['one']],
    ['unsorted cues', `${cue('00:00:05,000 --> 00:00:06,000', 'two')}\n${cue('00:00:00,000 --> 00:00:01,000', 'one')}`, ['one', 'two']],
    [
      'HTML and voice tags',
      cue('00:00:00,000 --> 00:00:01,000', '<v Mary><i>one</i> &lt;two&gt; <00:00:00.500>&amp;three'),
      ['one', '<two>', '&three'],
    ],
    ['ruby glosses', cue('00:00:00,000 --> 00:00:01,000', '<ruby>base<rt>gloss</rt></ruby> text'), ['base', 'text']],
    [
      'ASS overrides and drawings',
      cue('00:00:00,000 --> 00:00:01,000', '{\\an8\\fs99\\p1}m 0 0 l 9 9{\\p0}\\N{\\i1}one{\\i0} two'),
      ['one', 'two'],
    ],
    [
      'notes, styles and cue settings',
      `WEBVTT - x\n\nSTYLE\n::cue { color: red }\n\nNOTE no\n\nid\n${cue('00:00.000 --> 00:01.000 align:start', 'one')}`,
      ['one'],
    ],
    ['dashes and notes without a letter', cue('00:00:00,000 --> 00:00:01,000', '- one - two ♪'), ['one -', 'two ♪']],
  ])('understands %s', (_what, srt, expected) => {
    expect(texts({ srt })).toEqual(expected);
  });

  it('leaves out cues with unusable times and says how many', () => {
    const srt = [
      cue('00:00:00,000 --> 00:00:01,000', 'kept'),
      cue('00:00:05,000 --> 00:00:04,000', 'backwards'),
      cue('-00:00:05,000 --> -00:00:04,000', 'before zero'),
      cue('00:00:0x --> 00:00:04,000', 'garbled'),
    ].join('\n');
    const { words, warnings } = parseTranscript({ srt }, silentFilm);
    expect(words.map((word) => word.text)).toEqual(['kept']);
    expect(warnings).toEqual([{ code: 'TRANSCRIPT_CUES_DROPPED', stage: 'transcribe', message: 'cues left out, without usable times: 3' }]);
  });

  it('counts from the first video frame when the picture starts late', () => {
    const { words } = parseTranscript({ srt: cue('00:00:03,000 --> 00:00:04,000', 'one') }, { ...silentFilm, videoStartS: 0.84 });
    expect(words[0]!.start_s).toBeCloseTo(2.16, 9);
  });

  it.each(['<'.repeat(100_000), '{\\p1'.repeat(30_000), '-->'.repeat(30_000), `00:00:00,000 --> 00:00:01,000\n${'a '.repeat(45_000)}`])(
    'reads hostile text in linear time (%#)',
    (srt) => {
      const startedMs = performance.now();
      try {
        parseTranscript({ srt }, silentFilm);
      } catch (error) {
        expect(error).toBeInstanceOf(CutroomError);
      }
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    },
  );

  it('survives 20 000 cues at the same five moments', () => {
    const srt = Array.from({ length: 20_000 }, (_, i) => cue(`00:00:0${i % 5},000 --> 00:00:0${(i % 5) + 1},000`, 'x')).join('\n');
    const { words, warnings } = parseTranscript({ srt }, silentFilm);
    expect(words).toHaveLength(5);
    expect(warnings).toEqual([{ code: 'TRANSCRIPT_OVERLAP', stage: 'transcribe', message: 'words left out, under another one: 19995' }]);
  });

  it('refuses text without a single cue and points at it', () => {
    expect(() => parseTranscript({ srt: 'just some prose' }, silentFilm)).toThrow(
      expect.objectContaining({
        code: 'TRANSCRIPT_UNREADABLE',
        details: expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/transcript/srt' })] }),
      }),
    );
    expect(() => parseTranscript({ words: [{ text: 'a', start_s: 2, end_s: 1 }] }, silentFilm)).toThrow(CutroomError);
  });

  it('accepts a file that says nothing', () => {
    expect(texts({ vtt: 'WEBVTT\n' })).toEqual([]);
    expect(texts({ srt: '' })).toEqual([]);
  });
});

describe('the sanity of words', () => {
  const words = (...given: [string, number, number][]) => ({ words: given.map(([text, start_s, end_s]) => ({ text, start_s, end_s })) });

  it('drops words in a silence longer than half a second and reports them', () => {
    const { words: kept, warnings } = parseTranscript(
      words(['said', 1, 1.5], ['invented', 4, 4.5], ['again', 7, 7.5]),
      spoken([1, 1.5], [7, 7.5]),
    );
    expect(kept.map((word) => word.text)).toEqual(['said', 'again']);
    expect(warnings[0]).toMatchObject({ code: 'TRANSCRIPT_IN_SILENCE', message: 'words left out, where nothing is heard: 1' });
  });

  it('keeps words in short gaps, and words where level cannot decide', () => {
    const undecided = {
      ...spoken([1, 2]),
      audio: { present: true, speech: [{ start_s: 1, end_s: 2 }], undecided: [{ start_s: 50, end_s: 60 }] },
    };
    expect(texts(words(['late', 2.05, 2.3]), spoken([1, 2], [2.4, 3]))).toEqual(['late']);
    expect(texts(words(['perhaps', 52, 52.4]), undecided)).toEqual(['perhaps']);
  });

  it('drops what lies outside the footage and clips what crosses its end', () => {
    const { words: kept } = parseTranscript(words(['in', 99.5, 101], ['out', 120, 121]), silentFilm);
    expect(kept).toEqual([{ text: 'in', start_s: 99.5, end_s: 100, interpolated: false }]);
  });

  it('reports words faster than six a second and keeps them', () => {
    const fast = Array.from({ length: 30 }, (_, i) => [`w${i}`, i * 0.1, i * 0.1 + 0.1] as [string, number, number]);
    const { words: kept, warnings } = parseTranscript(words(...fast), silentFilm);
    expect(kept).toHaveLength(30);
    expect(warnings.map((warning) => warning.code)).toEqual(['TRANSCRIPT_TOO_FAST']);
  });

  it('gives sorted, disjoint words inside the file whatever comes in', () => {
    const time = fc.double({ min: 0, max: 120, noNaN: true });
    const word = fc.record({ text: fc.string({ minLength: 1, maxLength: 8 }), start_s: time, end_s: time });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (given) => {
        const readable = given.some((one) => one.end_s >= one.start_s && one.text.trim() !== '');
        fc.pre(given.length === 0 || readable);
        const { words: kept } = parseTranscript({ words: given }, spoken([0, 30], [60, 100]));
        for (const [index, one] of kept.entries()) {
          expect(one.start_s).toBeGreaterThanOrEqual(index === 0 ? 0 : kept[index - 1]!.end_s);
          expect(one.end_s).toBeGreaterThan(one.start_s);
          expect(one.end_s).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
