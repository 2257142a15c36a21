import type { FastifyInstance } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { toPointer } from './pointers.ts';

const maxDepth = 32;

/** Our own JSON reading instead of Fastify's: bounded depth, no `__proto__`, and an empty body is no body. */
export function addJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, text: string | Buffer) =>
    text.length === 0 ? undefined : parseJson(text.toString()),
  );
}

/** Text of a stranger → value. Throws `BODY_UNREADABLE`, or `REQUEST_INVALID` for what no schema should ever see. */
export function parseJson(text: string): unknown {
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CutroomError('BODY_UNREADABLE', { detail: 'The body is not well-formed JSON.', cause: error });
  }
  if (text.includes('__proto__') || text.includes('\\u')) refusePrototypes(value, []);
  return value;
}

function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === backslash) i++;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === openBrace || code === openBracket) {
      if (++depth > maxDepth) throw new CutroomError('BODY_UNREADABLE', `JSON may be nested ${maxDepth} levels deep, not more.`);
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\{}[]'].map((char) => char.charCodeAt(0));

function refusePrototypes(value: unknown, path: string[]): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key];
    if (key === '__proto__') {
      throw new CutroomError('REQUEST_INVALID', {
        detail: 'A field named __proto__ is never accepted.',
        errors: [{ pointer: toPointer(here), detail: 'unknown field' }],
      });
    }
    refusePrototypes(item, here);
  }
}
