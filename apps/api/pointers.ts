import type { z } from 'zod';
import { CutroomError } from '#contracts/errors';

export interface Pointed {
  /** JSON pointer (RFC 6901) into the part of the request that was checked. */
  pointer: string;
  detail: string;
}

type Issue = z.core.$ZodIssue;

/** Pure: what a schema found, by place. Unknown fields are named one by one; of a union, the branch that was meant speaks. */
export function toPointers(issues: readonly Issue[], at: readonly PropertyKey[] = []): Pointed[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ pointer: toPointer([...path, key]), detail: 'unknown field' }));
    if (issue.code !== 'invalid_union') return [{ pointer: toPointer(path), detail: isMissing(issue) ? 'required' : issue.message }];
    const meant = issue.errors.filter((branch) => !branch.some(isAnotherKind));
    const closest = meant.toSorted((a, b) => unknownKeys(a) - unknownKeys(b))[0];
    return closest ? toPointers(closest, path) : [{ pointer: toPointer(path), detail: `expected ${kindsOf(issue.errors)}` }];
  });
}

/** The error of a part of a request that does not fit its schema. */
export function toInvalid(error: z.core.$ZodError, part = 'body'): CutroomError {
  const errors = toPointers(error.issues).slice(0, 50);
  const [first] = errors;
  const place = part === 'body' ? 'The body' : `The ${part}`;
  return new CutroomError('REQUEST_INVALID', { detail: `${place} is not valid at ${first?.pointer || '/'}: ${first?.detail}.`, errors });
}

/** Pure: RFC 6901; the whole document is the empty pointer. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const isMissing = (issue: Issue): boolean => issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
const isAnotherKind = (issue: Issue): boolean =>
  issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
const unknownKeys = (branch: readonly Issue[]): number =>
  branch.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0),
    branch.filter(({ code }) => code === 'invalid_type').length,
  );

function kindsOf(branches: readonly (readonly Issue[])[]): string {
  const kinds = branches.flatMap((branch) => branch.filter(isAnotherKind).map(kindOf));
  return [...new Set(kinds)].join(' or ');
}

function kindOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return issue.expected;
  return issue.code === 'invalid_value' ? issue.values.map((value) => JSON.stringify(value)).join(' or ') : issue.message;
}
