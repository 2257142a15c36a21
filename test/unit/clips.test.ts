import { describe, expect, it } from 'vitest';
import type { Insights } from '#contracts/artifacts';
import { checkPlan } from '#director/check-plan';
import { sharedOf } from '#director/clip-proposals';
import { rules } from '#director/rules';
import { directorInput, type Said, type Take } from '../helpers/director-input.ts';

const fps = 25;

/** Sentences of eight words in 3.2 s, 1.3 s apart; every third begins with a question about a number. */
function lecture(sentences: number): { words: Said[]; speech: [number, number][] } {
  const speech = Array.from({ length: sentences }, (_, index): [number, number] => [index * 4.5 + 0.2, index * 4.5 + 3.4]);
  const words = speech.flatMap(([start], index) => {
    const opening = index % 3 === 0 ? ['Why', '12'] : ['Then', 'some'];
    const texts = [...opening, `stone${index}`, 'arches', 'carry', `load${index % 5}`, 'over', index % 3 === 0 ? 'rivers?' : 'rivers.'];
    return texts.map((text, word): Said => [text, start + word * 0.4, start + word * 0.4 + 0.39]);
  });
  return { words, speech };
}

const take = (sentences: number, clips: Take['settings'], more: Take = {}): Take => ({
  ...lecture(sentences),
  frames: Math.round(sentences * 4.5 * fps),
  settings: { ...clips },
  ...more,
});
const asking = (count: number | 'auto') => ({ clips: { count, aspect: '9:16' as const } });
const planOf = (given: Take) => rules(directorInput(given));

/** A clip's edges in seconds of the output. */
function placeOf(plan: ReturnType<typeof planOf>, clip: { start_frame: number; end_frame: number }): { startS: number; endS: number } {
  const before = (frame: number) =>
    plan.keep.reduce((sum, range) => sum + Math.max(0, Math.min(range.end_frame, frame) - range.start_frame), 0);
  return { startS: before(clip.start_frame) / fps, endS: before(clip.end_frame) / fps };
}

describe('clips that somebody proposed', () => {
  const given = directorInput(take(40, asking(3)));
  const usual = rules(given).clips;
  const merits = (points: number) => ({ hook: points, engagement: points, value: points, shareability: points });
  const cut = (clips: Insights['clips']) =>
    rules({
      ...given,
      insights: { by: 'm', content_type: null, concepts: [], peaks: [], key_phrases: [], fillers: [], warnings: [], clips },
    }).clips;
  const sentences = (from: number, to: number) => ({ first: from * 8, last: to * 8 + 7 });
  const toWindow = ({ start_frame, end_frame }: (typeof usual)[number]) => ({ startFrame: start_frame, endFrame: end_frame });
  const wordAt = (index: number) => Math.round(given.transcript.words[index]!.start_s * fps);

  it('come first where they mean, under their own merits and title, and the rules fill up', () => {
    const [first, ...others] = cut([{ ...sentences(10, 16), title: 'Some arches over rivers', score: merits(20) }]);
    expect(first).toMatchObject({ score: merits(20), title: 'Some arches over rivers' });
    expect(Math.abs(first!.start_frame - wordAt(80))).toBeLessThanOrEqual(10);
    expect(others).toHaveLength(2);
    for (const other of others) expect(sharedOf(toWindow(other), toWindow(first!))).toBeLessThanOrEqual(0.35); // of the output a little less than of the source
  });

  it('are in the order of their merits, and of two that mean the same the better one stays', () => {
    const proposals = [
      { ...sentences(0, 6), title: '', score: merits(10) },
      { ...sentences(0, 7), title: '', score: merits(12) },
      { ...sentences(20, 26), title: '', score: merits(24) },
    ];
    expect(
      cut(proposals)
        .map(({ score }) => score.hook)
        .slice(0, 2),
    ).toEqual([24, 12]);
  });

  it('leave everything to the rules when they mean what no clip can be', () => {
    const tooLong = { ...sentences(0, 39), title: '', score: merits(25) };
    const tooShort = { ...sentences(3, 3), title: '', score: merits(25) };
    const nowhere = { first: 9_000, last: 9_100, title: '', score: merits(25) };
    expect(cut([tooLong, tooShort, nowhere])).toEqual(usual);
    expect(cut([{ ...sentences(10, 16), title: 'Quantum llamas', score: merits(20) }])[0]!.title).not.toContain('llamas');
  });
});

describe('clips of a talk', () => {
  const plan = planOf(take(40, asking(4)));

  it('begin and end between sentences, in a rest, near the words', () => {
    const { words } = plan.captions;
    expect(plan.clips).toHaveLength(4);
    for (const clip of plan.clips) {
      const { startS, endS } = placeOf(plan, clip);
      const next = words.findIndex((word) => word.start_s >= startS - 0.001);
      const last = words.findLastIndex((word) => word.end_s <= endS + 0.001);
      expect(words[next]!.start_s - startS).toBeLessThanOrEqual(0.35 + 1e-6);
      expect(endS - words[last]!.end_s).toBeLessThanOrEqual(0.45 + 1e-6);
      expect(words[last]!.text).toMatch(/rivers[.?]/);
      if (next > 0) expect(words[next]!.start_s - words[next - 1]!.end_s).toBeGreaterThanOrEqual(0.12);
      if (next > 0) expect(words[next - 1]!.end_s).toBeLessThanOrEqual(startS);
    }
  });

  it('of footage shorter than a clip are scored like any other', () => {
    const short = planOf({ frames: 100, words: [], speech: [[0.2, 3.8]], settings: asking(1) });
    expect(short.clips).toHaveLength(1);
    expect(checkPlan(short)).toEqual([]);
  });

  it('last 15 to 60 seconds and share little with each other', () => {
    const places = plan.clips.map((clip) => placeOf(plan, clip));
    for (const { startS, endS } of places) {
      expect(endS - startS).toBeGreaterThanOrEqual(15);
      expect(endS - startS).toBeLessThanOrEqual(60);
    }
    for (const [index, one] of places.entries())
      for (const other of places.slice(index + 1)) {
        const shared = Math.min(one.endS, other.endS) - Math.max(one.startS, other.startS);
        expect(shared / (Math.max(one.endS, other.endS) - Math.min(one.startS, other.startS))).toBeLessThanOrEqual(0.3);
      }
  });

  it('open with what makes people look, when something does', () => {
    for (const { score } of plan.clips) expect(score.hook).toBeGreaterThan(15);
    expect(checkPlan(plan)).toEqual([]);
  });

  it('are titled with what is said in them', () => {
    const said = plan.captions.words.map(({ text }) => text.toLowerCase().replace(/\W/g, ''));
    for (const { title } of plan.clips)
      for (const word of title
        .toLowerCase()
        .split(/\W+/)
        .filter((one) => one !== '' && one !== 'and'))
        expect(said).toContain(word);
  });

  it('are about one a minute when no number is asked for', () => {
    expect(planOf(take(30, asking('auto'))).clips).toHaveLength(2); // 101 s are left
  });

  it('become shorter when long ones would leave no room', () => {
    expect(planOf(take(9, asking(2))).clips).toHaveLength(2);
  });

  it('are none when nobody asks for them', () => {
    expect(planOf(take(9, { clips: null })).clips).toEqual([]);
  });

  it('prefer the passage that is spoken up', () => {
    const input = directorInput(take(30, asking(1)));
    const loud = input.envelope!.map((level, index) => (index >= 9000 && index < 12_000 && level > -3000 ? -800 : level));
    const [clip] = rules({ ...input, envelope: loud }).clips;
    expect(clip!.end_frame / fps).toBeGreaterThan(90);
    expect(clip!.start_frame / fps).toBeLessThan(120);
  });
});

describe('clips where the rules have little to hold on to', () => {
  it('an edit shorter than a clip is one clip', () => {
    const plan = planOf(take(3, asking(3)));
    expect(plan.clips).toHaveLength(1);
    expect(placeOf(plan, plan.clips[0]!)).toEqual({
      startS: 0,
      endS: plan.keep.reduce((sum, k) => sum + k.end_frame - k.start_frame, 0) / fps,
    });
  });

  it('without a transcript they lie between runs of speech', () => {
    const plan = planOf(take(30, asking(2), { words: [] }));
    expect(plan.clips).toHaveLength(2);
    for (const clip of plan.clips) {
      const starts = lecture(30).speech.map(([start]) => Math.abs(start - clip.start_frame / fps));
      expect(Math.min(...starts)).toBeLessThanOrEqual(0.35);
    }
  });

  it('of music they begin at a scene', () => {
    const input = directorInput({ speech: [[0, 120]], frames: 120 * fps, settings: { ...asking(1), silence: null } });
    const [clip] = rules({ ...input, video: { scenes: [500, 1500, 2600], candidates: [] } }).clips;
    expect([0, 500, 1500, 2600]).toContain(clip!.start_frame);
  });

  it('a speech without a rest for a minute gives none rather than half a word', () => {
    const words = Array.from({ length: 300 }, (_, index): Said => [`word${index}`, index * 0.4, index * 0.4 + 0.39]);
    expect(planOf({ words, speech: [[0, 120]], frames: 120 * fps, settings: asking(2) }).clips).toEqual([]);
  });
});

describe('a plan that a person changed', () => {
  const plan = planOf(take(20, asking(1)));
  const changed = (clip: Partial<(typeof plan.clips)[0]>) => checkPlan({ ...plan, clips: [{ ...plan.clips[0]!, ...clip }] });

  it('may move a clip anywhere where something is kept', () => {
    expect(changed({ start_frame: 3, end_frame: 2000 })).toEqual([]);
    expect(changed({ start_frame: 3, end_frame: 99_000 })[0]!.pointer).toBe('/clips/0/end_frame');
  });

  it('may not point a clip at what is cut', () => {
    const [cut] = plan.cuts.filter(({ start_frame, end_frame }) => end_frame - start_frame > 10);
    expect(changed({ start_frame: cut!.start_frame, end_frame: cut!.end_frame })[0]!.pointer).toBe('/clips/0');
  });
});
