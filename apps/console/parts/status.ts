import type { JobStatus } from '#contracts/job';
import { h } from '../dom.ts';
import { formatWord } from '../format.ts';

/** A status in words; the colour only repeats it. */
export const toStatusMark = (status: JobStatus): HTMLElement => h('span', { class: `status ${status}` }, formatWord(status));

/** How far something is, as a bar with its number for those who cannot see it. */
export function toProgressBar(percent: number, label: string): HTMLElement {
  const fill = h('span', { class: 'fill' });
  fill.style.width = `${percent}%`;
  return h(
    'span',
    {
      class: 'bar',
      role: 'progressbar',
      'aria-label': label,
      'aria-valuemin': '0',
      'aria-valuemax': '100',
      'aria-valuenow': String(percent),
    },
    fill,
  );
}
