import { describe, expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import type { EditPlan } from '#contracts/plan';
import { checkPlan } from '#director/check-plan';
import { planWarnings } from '#director/plan-warnings';
import { rules } from '#director/rules';
import { directorInput, type Said, type Take } from '../helpers/director-input.ts';

const plan = (take: Take) => rules(directorInput(take));
const cutsOf = ({ cuts }: Pick<EditPlan, 'cuts'>) =>
  cuts.map(({ start_frame, end_frame, reason, text }) => [start_frame, end_frame, reason, ...(text === undefined ? [] : [text])]);

describe('pauses', () => {
  it('go, but for 80 ms beside the speech, rounded so that no speech is lost', () => {
    const made = plan({
      speech: [
        [1, 3],
        [5.01, 8],
      ],
    });
    expect(cutsOf(made)).toEqual([
      [0, 23, 'silence'],
      [77, 123, 'silence'],
      [202, 250, 'silence'],
    ]);
    expect(made.keep).toEqual([
      { start_frame: 23, end_frame: 77 },
      { start_frame: 123, end_frame: 202 },
    ]);
  });

  it('shorter than the limit stay', () => {
    expect(
      cutsOf(
        plan({
          speech: [
            [0, 4.8],
            [5.1, 10],
          ],
        }),
      ),
    ).toEqual([]);
  });

  it('are shortened, not removed, when a longest pause is asked for', () => {
    const made = plan({
      speech: [
        [0, 4],
        [7, 10],
      ],
      settings: { silence: { min_silence_ms: 350, pad_ms: 80, max_pause_ms: 1000 } },
    });
    expect(cutsOf(made)).toEqual([[113, 162, 'silence']]);
  });

  it('stay where level cannot tell speech from background', () => {
    expect(cutsOf(plan({ speech: [[0, 2]], undecided: [[2, 10]] }))).toEqual([]);
  });

  it('stay when nobody asked, when there is no sound, and when no speech was heard at all', () => {
    expect(cutsOf(plan({ speech: [[0, 2]], settings: { silence: null } }))).toEqual([]);
    expect(cutsOf(plan({ silentFilm: true }))).toEqual([]);
    expect(cutsOf(plan({}))).toEqual([]);
  });

  it('stay in what turns out to be music, unless music was said and cuts were asked for', () => {
    const take: Take = {
      speech: [
        [0, 4],
        [5, 10],
      ],
      settings: { content_type: 'auto' },
    };
    const input = directorInput(take);
    const music = { ...input, envelope: Int16Array.from({ length: 1000 }, (_, index) => -2000 - (index % 10) * 60) };
    expect(rules(music).cuts).toEqual([]);
    expect(rules({ ...music, settings: { ...music.settings, content_type: 'music' } }).cuts).toHaveLength(1);
  });

  it('are surer the deeper they are', () => {
    const deep = plan({
      speech: [
        [0, 2],
        [4, 10],
      ],
    }).cuts[0]!;
    expect(deep.confidence).toBe(0.99);
    const input = directorInput({
      speech: [
        [0, 2],
        [4, 10],
      ],
    });
    const shallow = rules({ ...input, envelope: input.envelope!.map((level) => (level < -3000 ? -3400 : level)) }).cuts[0]!;
    expect(shallow.confidence).toBeCloseTo(0.58, 2);
  });
});

describe('fillers', () => {
  const words: Said[] = [
    ['Now', 1, 1.4],
    ['um,', 1.6, 1.9],
    ['we', 2.1, 2.4],
    ['start', 2.4, 3],
  ];
  const speech: [number, number][] = [
    [1, 1.4],
    [1.6, 1.9],
    [2.1, 3],
  ];
  const only = { silence: null };

  it('go when there is quiet on both sides of them', () => {
    expect(cutsOf(plan({ words, speech, settings: only }))).toEqual([[40, 48, 'filler', 'um,']]);
  });

  it('leave one pause, not two, when pauses are removed as well', () => {
    const made = plan({ words, speech });
    expect(cutsOf(made).slice(1, -1)).toEqual([
      [37, 40, 'silence'],
      [40, 48, 'filler', 'um,'],
      [48, 50, 'silence'],
    ]);
  });

  it('stay, with the reason, when the sound runs through them', () => {
    const made = plan({
      words: [
        ['Now', 1, 1.6],
        ['um,', 1.6, 1.9],
        ['we', 1.9, 2.4],
      ],
      speech: [[1, 2.4]],
      settings: only,
    });
    expect(made.cuts).toEqual([]);
    expect(made.uncertain).toMatchObject([
      { start_frame: 40, end_frame: 47, reason: 'filler', text: 'um,', note: 'there is no pause beside it' },
    ]);
  });

  it('stay when their times are estimates, when there is no sound, and where sound is undecided', () => {
    const notes = (take: Take) => plan({ words, speech, settings: only, ...take }).uncertain.map((cut) => cut.note);
    expect(notes({ interpolated: true })).toEqual(['its time is an estimate']);
    expect(notes({ silentFilm: true })).toEqual(['there is no sound to check it against']);
    expect(notes({ speech: [], undecided: [[0, 5]] })).toEqual(['speech and background cannot be told apart here']);
  });

  it('that may carry meaning are listed for a reviewer and never cut', () => {
    const made = plan({
      words: [
        ['like', 1, 1.4],
        ['you', 2, 2.2],
        ['know', 2.3, 2.6],
      ],
      speech: [
        [1, 1.4],
        [2, 2.6],
      ],
      settings: only,
    });
    expect(made.cuts).toEqual([]);
    expect(made.uncertain.map((cut) => cut.text)).toEqual(['like', 'you know']);
  });

  it('include the earlier of two equal words, with the pause behind it', () => {
    const said: Said[] = [
      ['and', 0.5, 0.8],
      ['the', 1, 1.2],
      ['the', 1.4, 1.6],
      ['cat', 1.7, 2],
    ];
    const made = plan({ words: said, speech: said.map(([, start, end]) => [start, end]), settings: only });
    expect(cutsOf(made)).toEqual([[25, 35, 'repeat', 'the']]);
  });
});

describe('a plan', () => {
  it('moves the words that stay into output time', () => {
    const made = plan({
      words: [
        ['one', 1, 2],
        ['um', 4, 4.4],
        ['two', 5, 6],
      ],
      speech: [
        [1, 2],
        [4, 4.4],
        [5, 6],
      ],
    });
    expect(made.keep).toEqual([
      { start_frame: 23, end_frame: 52 },
      { start_frame: 123, end_frame: 152 },
    ]);
    expect(made.captions.words).toEqual([
      { text: 'one', start_s: 0.08, end_s: 1.08 },
      { text: 'two', start_s: 1.24, end_s: 2.24 },
    ]);
  });

  it('says whose it is, of what, and carries the wishes for sound and captions', () => {
    const made = rules(directorInput({ speech: [[0, 10]] }));
    expect(made).toMatchObject({
      by: 'rules',
      revision: 1,
      source: { sha256: 'ab', frames: 250, fps: '25/1', duration_s: 10, width: 1280, height: 720 },
      captions: { burn: false, formats: ['srt'] },
      audio: { denoise: { method: 'none' }, target_lufs: -14, gain_db: null },
    });
    expect(checkPlan(made)).toEqual([]);
  });

  it('that removes most of the footage is made, with a warning', () => {
    const take: Take = { speech: [[1, 2]] };
    const input = directorInput(take);
    const warnings = planWarnings({ ...input, plan: rules(input), settings: { ...input.settings, beat_sync: false } });
    expect(warnings.map((warning) => warning.code)).toEqual(['EDIT_REMOVES_MOST', 'FILLERS_NEED_TRANSCRIPT', 'CAPTIONS_EMPTY']);
  });

  it('to beats that nobody hears says so', () => {
    const input = directorInput({ speech: [[0, 10]], settings: { fillers: null, captions: null } });
    const warningsOf = (beat_sync: boolean, beats: EditPlan['beats']) =>
      planWarnings({ ...input, plan: { ...rules(input), beats }, settings: { ...input.settings, beat_sync } }).map(({ code }) => code);
    expect(warningsOf(true, null)).toEqual(['NO_BEATS']);
    expect(warningsOf(true, { bpm: 120, times_s: [0.5] })).toEqual([]);
    expect(warningsOf(false, null)).toEqual([]);
  });

  it('that would leave nothing is refused', () => {
    const everything: Take = { words: [['um', 0.1, 0.9]], speech: [[0.1, 0.9]], frames: 25, settings: { silence: null } };
    expect(() => plan(everything)).toThrow(expect.objectContaining({ code: 'SOURCE_EMPTY_EDIT' }));
    expect(() => plan(everything)).toThrow(CutroomError);
  });

  it('of three frames keeps them', () => {
    expect(plan({ frames: 3, speech: [[0, 0.02]] }).keep).toEqual([{ start_frame: 0, end_frame: 3 }]);
  });

  it('chooses thumbnails inside what stays, with headlines that were said', () => {
    const candidate = (frame: number, score: number) => ({
      frame,
      score,
      sharp: 1,
      exposure: 1,
      contrast: 1,
      colour: 1,
      dhash: '0'.repeat(16),
    });
    const said: Said[] = [
      ['Volcanoes', 1, 2],
      ['are', 2, 2.2],
      ['mountains', 2.3, 3],
    ];
    const input = directorInput({ words: said, speech: [[1, 8]], settings: { thumbnails: { count: 2 } } });
    const made = rules({ ...input, video: { scenes: [], candidates: [candidate(60, 0.8), candidate(240, 0.99), candidate(150, 0.7)] } });
    expect(made.thumbnails).toEqual([
      { frame: 60, headline: 'Volcanoes', impact: 0.64, layout: 'full' },
      { frame: 150, headline: 'Mountains', impact: 0.58, layout: 'panel' },
    ]);
  });

  it('heads the first thumbnail with the topic, the others with what says more than a word', () => {
    const text = 'Volcanoes are mountains. Volcanoes are like mountains. Volcanoes are on tectonic plates.';
    const words = text.split(' ').map((word, index): Said => [word, index, index + 0.9]);
    const input = directorInput({ words, speech: [[0, 12]], settings: { thumbnails: { count: 2 } } });
    const candidates = [30, 150].map((frame) => ({
      frame,
      score: 0.8,
      sharp: 1,
      exposure: 1,
      contrast: 1,
      colour: 1,
      dhash: '0'.repeat(16),
    }));
    const { thumbnails } = rules({ ...input, video: { scenes: [], candidates } });
    expect(thumbnails.map(({ headline }) => headline)).toEqual(['Volcanoes', 'Tectonic plates']);
  });
});
