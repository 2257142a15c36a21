import { z } from 'zod';
import { warningSchema } from '#contracts/footage';
import { problemSchema } from './problems.ts';

/** A page of a list, newest first. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable(), has_more: z.boolean() });

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/)
    .optional(),
});

/** Any text: an id that cannot be is answered as one that is unknown. */
export const idParams = z.strictObject({ id: z.string() });
export const nothing = z.undefined().describe('No content');

/** What every route may answer besides its own. */
export const problem = {
  default: {
    description: 'Everything that is not a success, as RFC 9457 problem details.',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
};

export const dryRunSchema = z
  .object({
    stages: z.array(z.object({ name: z.string(), pool: z.string() })),
    outputs: z.array(z.object({ name: z.string(), kind: z.string() })),
    estimate: z.object({ seconds: z.number().nullable(), usd: z.number(), ai_calls: z.number().int() }),
    warnings: z.array(warningSchema),
  })
  .meta({ id: 'DryRun' });
