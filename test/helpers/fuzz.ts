import { z } from 'zod';

type Json = Record<string, unknown>;

export interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; required?: boolean; schema: Json }[];
  body: Json | null;
  /** Status or `default` → schema of its JSON; null = another kind of answer. */
  answers: Map<string, Json | null>;
}

export type Random = () => number;

/** mulberry32: a run is repeated by its seed. */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

/** Every operation of an OpenAPI document, references resolved by `$defs` of each schema. */
export function listOperations(document: Json): Operation[] {
  const paths = document['paths'] as Record<string, Record<string, Json>>;
  const defs = (document['components'] as { schemas: Json }).schemas;
  const whole = (schema: unknown): Json => ({
    ...(JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/')) as Json),
    $defs: relocate(defs),
  });
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      parameters: ((operation['parameters'] ?? []) as Operation['parameters']).map((parameter) => ({
        ...parameter,
        schema: whole(parameter.schema),
      })),
      body: jsonOf(operation['requestBody'], whole),
      answers: new Map(Object.entries((operation['responses'] ?? {}) as Json).map(([status, answer]) => [status, jsonOf(answer, whole)])),
    })),
  );
}

const relocate = (defs: Json): Json => JSON.parse(JSON.stringify(defs).replaceAll('#/components/schemas/', '#/$defs/')) as Json;

function jsonOf(content: unknown, whole: (schema: unknown) => Json): Json | null {
  const media = (content as { content?: Record<string, { schema?: unknown }> } | undefined)?.content;
  const schema = media?.['application/json']?.schema ?? media?.['application/problem+json']?.schema;
  return schema ? whole(schema) : null;
}

/** A checker of answers, made of the document's own words. */
export function createChecker(): (schema: Json, value: unknown) => string | null {
  const known = new Map<string, z.ZodType>();
  return (schema, value) => {
    const text = JSON.stringify(schema);
    const checker = known.get(text) ?? z.fromJSONSchema(schema as never);
    known.set(text, checker);
    const result = checker.safeParse(value);
    return result.success ? null : JSON.stringify(result.error.issues.slice(0, 3));
  };
}

/** Mostly what the schema asks for; every eighth value is something else. */
export function createValue(schema: Json, random: Random, defs = (schema['$defs'] ?? {}) as Json, depth = 0): unknown {
  if (random() < 0.12 || depth > 8) return pick(random, junk);
  const again = (part: unknown) => createValue(part as Json, random, defs, depth + 1);
  if (typeof schema['$ref'] === 'string') return again(defs[schema['$ref'].split('/').at(-1)!]);
  const choices = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined;
  if (choices) return again(pick(random, choices));
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return pick(random, schema['enum'] as unknown[]);
  switch (schema['type']) {
    case 'object':
      return createObject(schema, random, again);
    case 'array':
      return Array.from({ length: Math.floor(random() * 3) }, () => again(schema['items'] ?? {}));
    case 'integer':
    case 'number':
      return createNumber(schema, random);
    case 'boolean':
      return random() < 0.5;
    case 'string':
      return createText(schema, random);
    default:
      return pick(random, junk);
  }
}

function createObject(schema: Json, random: Random, again: (part: unknown) => unknown): Json {
  const required = new Set((schema['required'] ?? []) as string[]);
  const entries = Object.entries((schema['properties'] ?? {}) as Json)
    .filter(([name]) => (required.has(name) ? random() > 0.05 : random() < 0.35))
    .map(([name, part]) => [name, again(part)]);
  if (random() < 0.06) entries.push([pick(random, names), pick(random, junk)]);
  return Object.fromEntries(entries) as Json;
}

function createNumber(schema: Json, random: Random): number {
  const [low, high] = [Number(schema['minimum'] ?? 0), Number(schema['maximum'] ?? 1_000)];
  const value = pick(random, [low, high, low - 1, high + 1, low + random() * (high - low)]);
  return schema['type'] === 'integer' ? Math.round(value) : value;
}

function createText(schema: Json, random: Random): string {
  const pattern = String(schema['pattern'] ?? '');
  const id = /^\^(\w{3})_\[/.exec(pattern)?.[1];
  if (id) return `${id}_01J00000000000000000000000`;
  if (schema['format'] === 'uri') return pick(random, ['https://example.com/a.mp4', 'http://127.0.0.1/', 'file:///etc/passwd', 'x']);
  return pick(random, texts);
}

const names = ['constructor', 'toString', 'a/b', '~', '', 'é', 'x'.repeat(300), '$ref'];
const texts = ['a', '', 'ü', '\u0000', '../../etc/passwd', '%00', '\u202e', "' OR 1=1", '{{7*7}}', 'x'.repeat(2_000), '😀', 'true', '-1'];
const junk: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.1,
  '',
  'x',
  [],
  {},
  [[]],
  { a: { b: {} } },
  ['x', 1],
  '\ud800',
  Number.MAX_SAFE_INTEGER,
];
