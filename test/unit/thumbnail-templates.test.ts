import { describe, expect, it } from 'vitest';
import type { ThumbnailLayout } from '#contracts/plan';
import { rules } from '#director/rules';
import { countTemplates, rankTemplates, type TemplateChoice, toTemplateChoice } from '#director/thumbnail-templates';
import { directorInput, type Take } from '../helpers/director-input.ts';

const offered = ['full', 'panel', 'split'] as const;
const took = (chosen: ThumbnailLayout, times: number, content_type: TemplateChoice['content_type'] = 'educational'): TemplateChoice[] =>
  Array.from({ length: times }, () => ({ content_type, chosen, offered }));

describe('the library of what worked', () => {
  it('counts what was taken out of what there was, for each type of content', () => {
    expect(countTemplates([...took('panel', 2), ...took('full', 1, 'music')]).filter(({ chosen }) => chosen > 0)).toEqual([
      { content_type: 'educational', template: 'panel', chosen: 2, offered: 2 },
      { content_type: 'music', template: 'full', chosen: 1, offered: 1 },
    ]);
  });

  it('ranks by how often a layout was taken when it could be, and needs three choices of a type', () => {
    expect(rankTemplates([])).toBeNull();
    expect(rankTemplates(took('split', 2))).toBeNull();
    expect(rankTemplates([...took('split', 2), ...took('panel', 1), ...took('full', 2, 'music')])).toEqual({
      educational: ['split', 'panel', 'full'],
    });
    const seldomThere: TemplateChoice[] = [
      ...took('panel', 6),
      { content_type: 'general', chosen: 'split', offered: ['full', 'split'] },
      ...Array.from({ length: 3 }, () => ({ content_type: 'general', chosen: 'split', offered: ['full', 'split'] }) as TemplateChoice),
    ];
    expect(rankTemplates(seldomThere)).toEqual({ educational: ['panel', 'full', 'split'], general: ['split', 'panel', 'full'] });
  });

  it('learns nothing from a picture without a headline, drawn by a model, or alone of its kind', () => {
    const of = (layouts: readonly ThumbnailLayout[], headline = 'Bridges') =>
      layouts.map((layout, frame) => ({ frame, headline, impact: 0.5, layout }));
    const choose = (thumbnails: ReturnType<typeof of>, drawn: boolean[] = []) =>
      toTemplateChoice({ thumbnails, drawn, index: 1, content_type: 'general' });
    expect(choose(of(offered))).toEqual({ content_type: 'general', chosen: 'panel', offered: [...offered] });
    expect(choose(of(offered), [false, true, false])).toBeNull();
    expect(choose(of(offered), [true, false, false])).toMatchObject({ offered: ['panel', 'split'] });
    expect(choose(of(offered, ' '))).toBeNull();
    expect(choose(of(['full', 'full']))).toBeNull();
  });
});

describe('a plan', () => {
  const candidates = [100, 300, 500, 700].map((frame, index) => ({
    frame,
    score: 0.9 - index / 10,
    sharp: 1,
    exposure: 1,
    contrast: 1,
    colour: 1,
    dhash: ['0000000000000000', 'ffffffffffffffff', '00000000ffffffff', 'ffffffff00000000'][index]!,
  }));
  const layoutsOf = (settings: Take['settings']) => {
    const input = directorInput({ frames: 1_000, settings: { ...settings, silence: null, thumbnails: { count: 4 } } });
    return rules({ ...input, video: { scenes: [], candidates } }).thumbnails.map(({ layout }) => layout);
  };

  it('gives the best frame the layout that worked best for its type, and goes through all of them', () => {
    const templates = { general: ['split', 'full', 'panel'] as ThumbnailLayout[] };
    expect(layoutsOf({ templates })).toEqual(['split', 'full', 'panel', 'split']);
    expect(layoutsOf({ templates, content_type: 'educational' })).toEqual(['full', 'panel', 'split', 'full']);
  });

  it('is the same for the same history, and as before without one', () => {
    expect(layoutsOf({ templates: null })).toEqual(['full', 'panel', 'split', 'full']);
    expect(layoutsOf({ templates: { general: ['split'] } })).toEqual(['full', 'panel', 'split', 'full']);
  });
});
