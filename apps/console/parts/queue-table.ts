import { h } from '../dom.ts';
import { formatDuration, formatElapsed, formatWord } from '../format.ts';

export interface Queue {
  name: string;
  paused: boolean;
  jobs: { waiting: number; active: number; delayed: number; delayed_due: number };
  oldest_wait_s: number;
  backlog_media_s: number | null;
  workers: number;
}

const heads = ['Pool', 'Waiting', 'Active', 'Delayed', 'Oldest wait', 'Backlog', 'Workers'];

/** One line a pool. A pool that has work and nobody to do it says so. */
export function toQueueTable(queues: readonly Queue[]): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Queues by pool' },
    h(
      'table',
      { class: 'plain' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head) => h('th', { scope: 'col' }, head)),
        ),
      ),
      h('tbody', {}, queues.map(toRow)),
    ),
  );
}

function toRow({ name, paused, jobs, oldest_wait_s, backlog_media_s, workers }: Queue): HTMLElement {
  const idle = workers === 0 && jobs.waiting > 0;
  const numbers = [
    jobs.waiting,
    jobs.active,
    jobs.delayed,
    oldest_wait_s > 0 ? formatElapsed(oldest_wait_s * 1_000) : '–',
    backlog_media_s === null || backlog_media_s === 0 ? '–' : `${formatDuration(backlog_media_s)} of footage`,
  ];
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, formatWord(name), paused && h('span', { class: 'status cancelled' }, 'Paused')),
    numbers.map((value) => h('td', { class: 'number' }, value)),
    h('td', { class: 'number' }, idle ? h('span', { class: 'status failed' }, 'None') : workers),
  );
}
