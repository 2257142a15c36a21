import type { JobView, StageView } from '#contracts/job';
import { h } from '../dom.ts';
import { formatCount, formatElapsed, formatWord } from '../format.ts';

/** The stages on one clock: what ran when, beside what, and what did not have to run. */
export function toStageChart({ stages, queued_at, finished_at }: JobView, nowMs: number): HTMLElement {
  const times = stages.flatMap(({ started_at, finished_at }) =>
    [started_at, finished_at].flatMap((time) => (time ? Date.parse(time) : [])),
  );
  const fromMs = Math.min(...times, Date.parse(queued_at));
  const toMs = Math.max(...times, finished_at ? Date.parse(finished_at) : nowMs, fromMs + 1);
  const cached = stages.filter((stage) => stage.cached).length;
  return h(
    'div',
    {},
    h(
      'p',
      { class: 'fine' },
      `${formatElapsed(toMs - fromMs)} from the queue to the end${cached > 0 ? ` · ${formatCount(cached, 'stage')} answered from the cache` : ''}`,
    ),
    h(
      'ol',
      { class: 'stages' },
      stages.map((stage) => toLine(stage, { fromMs, toMs: Math.max(toMs, fromMs + 1), nowMs })),
    ),
  );
}

function toLine(stage: StageView, clock: { fromMs: number; toMs: number; nowMs: number }): HTMLElement {
  const { name, pool, status, attempts } = stage;
  return h(
    'li',
    { class: `stage ${status} ${stage.cached ? 'cached' : ''}` },
    h('span', { class: 'stage-name', title: `Pool ${pool}` }, formatWord(name)),
    h('span', { class: 'track', 'aria-hidden': 'true' }, toSpan(stage, clock)),
    h('span', { class: 'stage-note' }, toNote(stage), attempts > 1 && h('span', { class: 'again' }, ` ${attempts}×`)),
  );
}

function toSpan({ started_at, finished_at }: StageView, { fromMs, toMs, nowMs }: { fromMs: number; toMs: number; nowMs: number }) {
  if (!started_at) return null;
  const span = h('span', { class: 'span' });
  const share = (ms: number) => (100 * (ms - fromMs)) / (toMs - fromMs);
  const start = share(Date.parse(started_at));
  const end = share(finished_at ? Date.parse(finished_at) : Math.min(nowMs, toMs));
  span.style.left = `${Math.min(start, 99)}%`;
  span.style.width = `${Math.max(end - start, 0.8)}%`;
  return span;
}

function toNote({ status, cached, duration_ms, progress }: StageView): string {
  if (cached) return 'cached';
  if (status === 'done') return formatElapsed(duration_ms);
  if (status === 'running') return progress > 0 ? `${progress} %` : 'running';
  return status === 'pending' ? 'to do' : status;
}
