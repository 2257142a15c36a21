import type { JobView } from '#contracts/job';
import { write } from '../api.ts';
import { type Child, h } from '../dom.ts';
import { formatElapsed, formatWord } from '../format.ts';
import { attempt } from './problem-box.ts';
import { toProgressBar, toStatusMark } from './status.ts';

/** What the job is called and how it stands. */
export function toHeadline({ id, status, revision, external_id }: JobView, name: string): Child {
  return h(
    'div',
    { class: 'headline' },
    h('p', { class: 'crumb' }, h('a', { href: '#/jobs' }, 'Jobs')),
    h('h1', { title: name }, name),
    h(
      'p',
      { class: 'fine meta' },
      toStatusMark(status),
      h('span', {}, `Revision ${revision}`),
      external_id && h('span', {}, external_id),
      h('code', {}, id),
    ),
  );
}

/** What can be done with the job now. */
export function toActions(
  { id, status, stages }: JobView,
  { refusal, onChange }: { refusal: HTMLElement; onChange: () => Promise<void> },
): Child {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  const button = (action: 'cancel' | 'retry' | 'approve', text: string, kind: string) => {
    const run = () =>
      attempt(element, refusal, async () => {
        await write('POST', `${path}/${action}`);
        await onChange();
      });
    const element: HTMLButtonElement = h('button', { type: 'button', class: kind, focus: action, on: { click: () => void run() } }, text);
    return element;
  };
  const planned = stages.some(({ name, status }) => name === 'direct' && status === 'done');
  return h(
    'div',
    { class: 'actions' },
    (status === 'queued' || status === 'processing' || status === 'awaiting_review') && button('cancel', 'Cancel', 'button'),
    (status === 'failed' || status === 'cancelled') && button('retry', 'Retry', 'button primary'),
    planned && h('a', { class: `button ${status === 'completed' ? 'primary' : ''}`, href: `#/jobs/${id}/plan` }, 'Review the plan'),
    status === 'awaiting_review' && button('approve', 'Approve', 'button primary'),
  );
}

/** How far an unfinished job is; nothing for one that has ended. */
export function toStanding({ status, progress, stage, queue }: JobView): Child {
  if (status !== 'queued' && status !== 'processing') return null;
  const place = queue.position === null ? 'Waiting for a worker' : `Place ${queue.position} in the queue`;
  const eta = queue.eta_s === null ? '' : `, starts in about ${formatElapsed(queue.eta_s * 1_000)}`;
  return h(
    'div',
    { class: 'standing' },
    toProgressBar(progress, 'Progress of the job'),
    h('span', { class: 'number strong' }, `${progress} %`),
    h('span', { class: 'fine' }, status === 'queued' ? place + eta : stage ? formatWord(stage) : 'Between two stages'),
  );
}
