import type { Artifacts } from '#contracts/artifacts';
import { type EditPlan, type ThumbnailLayout, thumbnailLayouts } from '#contracts/plan';
import type { TemplateRanking } from '#contracts/settings';

type ContentType = Artifacts['result']['content_type']['value'];

/** Somebody took one picture of a job: the layout that it has, out of those that there were. */
export interface TemplateChoice {
  content_type: ContentType;
  chosen: ThumbnailLayout;
  offered: readonly ThumbnailLayout[];
}

export interface TemplateFigures {
  content_type: ContentType;
  template: ThumbnailLayout;
  chosen: number;
  /** Choices in which it was one of those that there were. */
  offered: number;
}

/** Fewer choices for a type of content say nothing about it. */
export const fewestChoices = 3;

/** Pure: what worked, by content type and layout, in the order in which layouts are declared. */
export function countTemplates(choices: readonly TemplateChoice[]): TemplateFigures[] {
  const types = [...new Set(choices.map(({ content_type }) => content_type))].sort();
  return types.flatMap((content_type) => {
    const own = choices.filter((choice) => choice.content_type === content_type);
    return thumbnailLayouts.map((template) => ({
      content_type,
      template,
      chosen: own.filter(({ chosen }) => chosen === template).length,
      offered: own.filter(({ offered }) => offered.includes(template)).length,
    }));
  });
}

/** Pure: layouts by how often they were taken when they could be, best first; types with too few choices are left out, null = all of them. */
export function rankTemplates(choices: readonly TemplateChoice[]): TemplateRanking | null {
  const figures = countTemplates(choices);
  const enough = (type: ContentType) => choices.filter(({ content_type }) => content_type === type).length >= fewestChoices;
  const types = [...new Set(figures.map(({ content_type }) => content_type))].filter(enough);
  const ranked = types.map((type) => {
    const own = figures.filter(({ content_type }) => content_type === type);
    return [type, own.toSorted((one, other) => rateOf(other) - rateOf(one)).map(({ template }) => template)] as const;
  });
  return ranked.length > 0 ? Object.fromEntries(ranked) : null;
}

/** As if each had been taken once in two times before: a single choice is no certainty. */
const rateOf = ({ chosen, offered }: TemplateFigures) => (chosen + 1) / (offered + 2);

export interface ChosenThumbnail {
  /** As in the plan, in its order. */
  thumbnails: EditPlan['thumbnails'];
  /** Which of them a model drew anew: it has no layout any more. */
  drawn: readonly boolean[];
  /** Place of the one that was taken. */
  index: number;
  content_type: ContentType;
}

/** Pure: what taking a picture says about layouts; null where it says nothing: no headline, drawn by a model, or one layout alone. */
export function toTemplateChoice({ thumbnails, drawn, index, content_type }: ChosenThumbnail): TemplateChoice | null {
  const shown = thumbnails.map(({ headline, layout }, at) => (headline.trim() === '' || drawn[at] ? null : layout));
  const chosen = shown[index] ?? null;
  const offered = thumbnailLayouts.filter((layout) => shown.includes(layout));
  return chosen !== null && offered.length > 1 ? { content_type, chosen, offered } : null;
}
