import { z } from 'zod';

/** A phrase that people look for. `score` is what it is worth beyond being said, 0–1. */
export const keywordSchema = z.strictObject({ text: z.string().min(1).max(80), score: z.number().min(0).max(1) });

/** How the titles that are there already are made. Shares are 0–1. */
export const titleShapeSchema = z.strictObject({ words: z.number(), questions: z.number(), numbers: z.number() });

/** Titles beside which this video will stand, the nearest first, and what they have in common; null = there are none. */
export const competitorsSchema = z.strictObject({
  titles: z.array(z.string().min(1).max(200)).max(20),
  shape: titleShapeSchema.nullable(),
});

/** What is known of the world in which a video will be found, and who knows it. */
export const researchSchema = z.strictObject({
  by: z.string().max(200),
  keywords: z.array(keywordSchema).max(40),
  competitors: competitorsSchema,
});

/** The source that knows a tenant's own finished work and nothing else. */
export const ownCorpus = 'corpus';

export type Keyword = z.infer<typeof keywordSchema>;
export type TitleShape = z.infer<typeof titleShapeSchema>;
export type Competitors = z.infer<typeof competitorsSchema>;
export type Research = z.infer<typeof researchSchema>;
