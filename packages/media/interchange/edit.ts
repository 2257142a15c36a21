import type { Facts } from '#contracts/footage';
import type { EditPlan } from '#contracts/plan';

/** What an editing program is told: the plan, and the footage under the name its owner knows. */
export interface InterchangeEdit {
  plan: Pick<EditPlan, 'revision' | 'by' | 'source' | 'keep' | 'cuts' | 'uncertain'>;
  audio: Facts['audio'];
  /** File name of the footage, as uploaded; programs look for it beside the edit file. */
  name: string;
}

/** Relative URL of the footage, percent-encoded as RFC 3986 wants it. */
export function toMediaUrl(name: string): string {
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `./${encoded}`;
}
