import { createHash } from 'node:crypto';
import { toAnswerSchema } from './answer-schema.ts';
import type { Question } from './provider.ts';

/** What makes two questions the same question: model, prompt and its version, every part, the answer's shape. */
export function toQuestionKey(model: string, { prompt, system, parts, schema, maxTokensOut }: Question<unknown>): string {
  const hash = createHash('sha256').update(JSON.stringify([model, prompt, system, toAnswerSchema(schema), maxTokensOut]));
  for (const part of parts) hash.update(`\0${part.kind}\0`).update(part.kind === 'text' ? part.text : part.bytes);
  return hash.digest('hex');
}
