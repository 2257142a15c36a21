import { type Child, h } from '../dom.ts';
import { formatCount, formatFigure } from '../format.ts';
import { toPanel } from './figures.ts';

export interface Trends {
  periods: {
    from: string;
    to: string;
    ended: number;
    completed: number;
    failed: number;
    cancelled: number;
    error_rate: number | null;
    seconds_per_media_second: { mean: number; p95: number } | null;
  }[];
  regression: { found: boolean | null; reason: string };
}

/** The last days, the oldest on the left, and whether work has become slower. */
export function toTrends({ periods, regression }: Trends): Child {
  const most = Math.max(1, ...periods.map(({ ended }) => ended));
  const [now] = periods;
  return toPanel(
    'Jobs by day',
    'trends-title',
    h(
      'ol',
      { class: 'days', 'aria-label': 'Jobs that ended, by day' },
      periods.toReversed().map((period) => toDay(period, most)),
    ),
    h('p', {}, regression.found ? h('strong', {}, 'Slower than before. ') : null, regression.reason),
    now?.seconds_per_media_second &&
      h(
        'p',
        { class: 'fine' },
        `The last day: ${formatFigure(now.seconds_per_media_second.mean, 2, 's')} of work for a second of footage, p95 ${formatFigure(now.seconds_per_media_second.p95, 2, 's')}.`,
      ),
  );
}

function toDay({ to, ended, completed, failed }: Trends['periods'][number], most: number): HTMLElement {
  const bar = h('span', { class: 'day-bar', 'aria-hidden': 'true' });
  const bad = h('span', { class: 'day-bad' });
  bar.style.height = `${(100 * ended) / most}%`;
  bad.style.height = ended > 0 ? `${(100 * failed) / ended}%` : '0';
  bar.append(bad);
  const day = new Date(Date.parse(to) - 1).toLocaleDateString(undefined, { weekday: 'short', day: 'numeric' });
  return h(
    'li',
    { title: `${day}: ${completed} completed, ${failed} failed` },
    h('span', { class: 'day-track' }, bar),
    h('span', { class: 'number day-count', 'aria-hidden': 'true' }, ended),
    h('span', { class: 'fine day-name', 'aria-hidden': 'true' }, day),
    h('span', { class: 'unseen' }, `${day}: ${formatCount(ended, 'job')}, ${failed} failed`),
  );
}
