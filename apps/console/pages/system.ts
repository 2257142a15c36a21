import { ApiError, type Problem, read } from '../api.ts';
import { createSlot, h, pause } from '../dom.ts';
import { toPanel } from '../parts/figures.ts';
import { toProblemBox } from '../parts/problem-box.ts';
import { type Queue, toQueueTable } from '../parts/queue-table.ts';
import { type Recommendation, toAdvice } from '../parts/recommendation.ts';
import { toStatistics } from '../parts/statistics.ts';
import { type Trends, toTrends } from '../parts/trends.ts';
import type { Page } from '../router.ts';

const lookMs = 3_000;
/** Trends and advice change with finished jobs, not with the moment. */
const slowRounds = 10;

/** How full the queues are, how the machine does, and what it is good for. */
export const showSystem: Page = async (host, { signal }) => {
  const [trouble, queues, stats, trends, advice] = [createSlot(), createSlot(), createSlot(), createSlot(), createSlot()];
  host.append(
    h('div', { class: 'page-head' }, h('h1', {}, 'Queues and system')),
    trouble.element,
    queues.element,
    h('div', { class: 'columns even' }, stats.element, h('div', { class: 'stack' }, trends.element, advice.element)),
  );
  const look = async (round: number) => {
    const [pools, figures] = await Promise.all([read<{ data: Queue[] }>('/v1/queues', signal), read<object>('/v1/system/stats', signal)]);
    queues.show(pools.data, () => toPanel('Queues', 'queues-title', toQueueTable(pools.data)));
    stats.show(figures, () => toStatistics(figures));
    if (round % slowRounds !== 0) return;
    const [course, recommended] = await Promise.all([
      read<Trends>('/v1/system/trends', signal),
      read<Recommendation>('/v1/system/recommendation', signal),
    ]);
    trends.show(course, () => toTrends(course));
    advice.show(recommended, () => toAdvice(recommended));
  };
  let round = 0;
  do {
    const problem = await look(round).then(
      (): Problem | null => null,
      (error: unknown) => {
        if (error instanceof ApiError) return error.problem;
        if (signal.aborted) return null;
        throw error;
      },
    );
    trouble.show(problem, () => problem && toProblemBox(problem));
    round = problem ? 0 : round + 1;
  } while (await pause(lookMs, signal));
};
