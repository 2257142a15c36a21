import { z } from 'zod';

/** What the vendor reads of JSON Schema; a key that it does not know may be refused. Zod checks the rest afterwards. */
const understood = new Set([
  'type',
  'description',
  'enum',
  'items',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'properties',
  'required',
]);

/** Pure: a zod schema as the JSON Schema of an answer. */
export const toAnswerSchema = (schema: z.ZodType): unknown => strip(z.toJSONSchema(schema, { io: 'input' }));

function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => understood.has(key) && !isTrivialBound(value))
      .map(([key, value]) => [key, key === 'properties' ? mapValues(value as Record<string, unknown>) : strip(value)]),
  );
}

/** Names of properties are not keywords. */
const mapValues = (properties: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, strip(value)]));

const isTrivialBound = (value: unknown) => typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER;
