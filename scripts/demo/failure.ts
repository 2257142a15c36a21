import { CutroomError } from '#contracts/errors';
import type { JobView } from '#contracts/job';
import { ProblemError } from './client.ts';
import { paint, type Terminal } from './terminal.ts';

/** Pure: whatever was thrown as lines for a person; a problem+json keeps its advice and its pointers. */
export function toFailure(error: unknown, terminal: Terminal): string {
  if (error instanceof CutroomError) return [`demo: ${error.message}`, error.details.tool?.stderr_tail].filter(Boolean).join('\n');
  if (!(error instanceof ProblemError)) return `demo: ${(error as Error).message}`;
  const { title, detail, code, advice, errors = [], request_id } = error.problem;
  const head = `${paint(terminal, 'red', title)}${code ? paint(terminal, 'dim', `  ${code}`) : ''}`;
  const fields = errors.map(({ pointer, detail: wrong }) => `  ${pointer || '/'}: ${wrong}`);
  return [head, detail, ...fields, advice, request_id && paint(terminal, 'dim', `request ${request_id}`)].filter(Boolean).join('\n');
}

/** Pure: why a job did not complete, and the last words of the tool when there was one. */
export function toJobFailure({ status, error }: JobView, terminal: Terminal): string {
  if (!error) return paint(terminal, 'red', `The job is ${status}.`);
  const place = paint(terminal, 'dim', `  ${error.code}${error.stage ? ` in ${error.stage}` : ''}`);
  return [paint(terminal, 'red', error.message) + place, error.hint, error.tool?.stderr_tail].filter(Boolean).join('\n');
}
