import { z } from 'zod';

export const conceptKinds = ['stat', 'compare', 'trend', 'list', 'definition', 'quote', 'title'] as const;

/**
 * Something said that a picture could show, whoever found it. `values` go with `labels` one by one; a trend may have no
 * labels. What is drawn of it is decided by `groundConcept`, never here.
 */
export const conceptSchema = z.strictObject({
  kind: z.enum(conceptKinds),
  /** What is said: a quote word for word, for the rest a heading or the words after the number. */
  phrase: z.string().min(1).max(300),
  /** In source time, from the phrase's first word to its last. */
  start_s: z.number().min(0),
  end_s: z.number().min(0),
  /** Names of the values; items of a list; term and meaning; who is quoted; the line below a title. */
  labels: z.array(z.string().min(1).max(160)).max(6),
  values: z.array(z.number()).max(6),
  /** `%`, a currency sign, a spoken word ("hours"), or nothing. */
  unit: z.string().max(24),
  /** The words it was made of, as they were said. */
  words: z.array(z.string().max(200)).max(120),
});

export type Concept = z.infer<typeof conceptSchema>;
