import { z } from 'zod';

export const themeNames = ['midnight', 'paper', 'signal'] as const;
export type ThemeName = (typeof themeNames)[number];

export const accentSchema = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour such as #38bdf8');
/** How every card of a job looks: a named theme, and the owner's own colour in place of the theme's accent. */
export const themeChoiceSchema = z.strictObject({ theme: z.enum(themeNames).default('midnight'), accent: accentSchema.optional() });

/** Scripts that the bundled fonts can draw; a text without one letter or digit of them would be an empty card. */
const drawable = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{N}]/u;
const text = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => drawable.test(value), 'holds no letter or digit that can be drawn');
const aside = (most: number) => z.string().max(most);
const number = z.number().min(-1e15).max(1e15);

const chart = z
  .strictObject({
    form: z.enum(['bars', 'trend']),
    title: aside(160),
    /** One for each value; none at all is allowed for a trend. */
    labels: z.array(text(160)).max(6),
    values: z.array(number).min(2).max(6),
    unit: aside(24),
    ...themeChoiceSchema.shape,
  })
  .refine(({ form, labels, values }) => labels.length === values.length || (form === 'trend' && labels.length === 0), {
    path: ['labels'],
    error: 'one label for each value',
  });

const card = z.discriminatedUnion('layout', [
  z.strictObject({ layout: z.literal('stat'), value: number, unit: aside(24), text: text(300), ...themeChoiceSchema.shape }),
  z.strictObject({ layout: z.literal('list'), title: aside(160), items: z.array(text(160)).min(1).max(6), ...themeChoiceSchema.shape }),
  z.strictObject({ layout: z.literal('definition'), term: text(160), meaning: text(300), ...themeChoiceSchema.shape }),
  z.strictObject({ layout: z.literal('versus'), left: text(160), right: text(160), ...themeChoiceSchema.shape }),
]);
const quote = z.strictObject({ text: text(300), by: aside(160), ...themeChoiceSchema.shape });
const title = z.strictObject({ text: text(160), detail: aside(160), ...themeChoiceSchema.shape });

/** What is drawn over the picture, without its time: the whole identity of a drawing. */
export const drawingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('chart'), spec: chart }),
  z.strictObject({ kind: z.literal('card'), spec: card }),
  z.strictObject({ kind: z.literal('quote'), spec: quote }),
  z.strictObject({ kind: z.literal('title'), spec: title }),
]);

const frame = z.number().int().min(0);
const timed = { start_frame: frame, end_frame: frame, source_text: z.string().max(2_000) };

/**
 * A drawing in the plan. Frames are source frames, as all of the plan's: cutting footage away before it moves it along,
 * cutting inside it shortens it.
 */
export const overlaySchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...timed, kind: z.literal('chart'), spec: chart }),
  z.strictObject({ ...timed, kind: z.literal('card'), spec: card }),
  z.strictObject({ ...timed, kind: z.literal('quote'), spec: quote }),
  z.strictObject({ ...timed, kind: z.literal('title'), spec: title }),
]);

export type ThemeChoice = z.infer<typeof themeChoiceSchema>;
export type Drawing = z.infer<typeof drawingSchema>;
export type Overlay = z.infer<typeof overlaySchema>;
