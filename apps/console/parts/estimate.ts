import type { Warning } from '#contracts/footage';
import { type Child, h } from '../dom.ts';
import { formatCount, formatElapsed, formatFigure } from '../format.ts';
import { toFigures } from './figures.ts';

/** The answer of `POST /v1/jobs?dry_run=true`. */
export interface DryRun {
  stages: { name: string; pool: string }[];
  outputs: { name: string; kind: string }[];
  estimate: { seconds: number | null; usd: number; ai_calls: number };
  warnings: Warning[];
}

/** What a job would take and give. */
export function toEstimate({ stages, outputs, estimate, warnings }: DryRun): Child {
  const { seconds, usd, ai_calls } = estimate;
  return [
    toFigures([
      ['Time', seconds === null ? 'known once the footage is here' : `about ${formatElapsed(seconds * 1_000)}`],
      ['Model calls', ai_calls === 0 ? 'none' : `${ai_calls}, ${formatFigure(usd, 3, 'USD')}`],
      ['Work', formatCount(stages.length, 'stage')],
    ]),
    h('h3', {}, formatCount(outputs.length, 'output')),
    h(
      'ul',
      { class: 'names' },
      outputs.map(({ name }) => h('li', {}, name)),
    ),
    warnings.length > 0 && [
      h('h3', {}, 'Please note'),
      h(
        'ul',
        { class: 'notes' },
        warnings.map(({ message }) => h('li', {}, message)),
      ),
    ],
  ];
}
