import type { JobView } from '#contracts/job';
import type { EditPlan } from '#contracts/plan';
import { ApiError, read, send, write } from '../api.ts';
import { assetOf, nameOf } from '../assets.ts';
import { announce, type Child, createSlot, h, pause } from '../dom.ts';
import { formatChange, formatCount, formatDuration } from '../format.ts';
import { createDecisionList } from '../parts/decision-list.ts';
import { attempt, toProblemBox } from '../parts/problem-box.ts';
import { toStatusMark } from '../parts/status.ts';
import { createStrip, toLegend } from '../parts/strip.ts';
import { keptSeconds, listDecisions, turnDecisions } from '../plan-edit.ts';
import type { Page } from '../router.ts';

const lookMs = 1_500;

interface Review {
  job: JobView;
  plan: EditPlan;
  etag: string;
  /** Decisions that the reviewer turned round. */
  turned: Set<string>;
}

/** The edit as a strip over the footage and as a list of decisions, each of which can be turned round. */
export const showPlan: Page = async (host, { id, signal }) => {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  if (!(await untilPlanned(path, host, signal))) return;
  const review: Review = { ...(await readReview(path, signal)), turned: new Set() };
  const name = nameOf(review.job, await assetOf(review.job));
  document.title = `Plan of ${name} · cutroom`;
  const [sums, refusal] = [createSlot({ class: 'sums' }), h('div', { class: 'stack' })];
  const strip = createStrip({ onPick: (decision) => list.reveal(decision), signal });
  const list = createDecisionList({ onTurn: (decision) => turn(decision) });

  const edited = () => turnDecisions(review.plan, review.turned);
  const show = () => {
    const next = edited();
    sums.show([review.etag, [...review.turned], review.job.status], () => toSums(review, next, { save, approve, discard }));
    strip.show(next ?? review.plan);
    list.show(review);
  };
  const turn = (decision: string) => {
    if (!review.turned.delete(decision)) review.turned.add(decision);
    if (edited() === null) {
      review.turned.delete(decision);
      refusal.replaceChildren(toProblemBox({ title: 'Nothing would be left', detail: 'At least one part must be kept.', status: 0 }));
    }
    show();
    const next = edited();
    if (next) announce(`The edit is now ${formatDuration(keptSeconds(next))} long.`);
  };
  const discard = () => {
    review.turned.clear();
    show();
  };
  const leave = (text: string) => {
    announce(text);
    location.hash = `#/jobs/${id}`;
  };
  const approve = (button: HTMLButtonElement) =>
    attempt(button, refusal, async () => {
      await write('POST', `${path}/approve`);
      leave('Approved.');
    });
  const save = (button: HTMLButtonElement) =>
    attempt(button, refusal, async () => {
      try {
        const job = await write<JobView>('PUT', `${path}/plan`, edited(), { 'if-match': review.etag });
        leave(`Saved as revision ${job.revision}.`);
      } catch (error) {
        if (!(error instanceof ApiError) || error.problem.status !== 412) throw error;
        await takeNewer();
      }
    });
  /** Somebody else was faster: their plan comes in, and what still can be turned in it stays turned. */
  const takeNewer = async () => {
    Object.assign(review, await readReview(path, signal));
    const known = new Set(listDecisions(review.plan).map((decision) => decision.id));
    const lost = [...review.turned].filter((decision) => !known.has(decision)).length;
    for (const decision of review.turned) if (!known.has(decision)) review.turned.delete(decision);
    show();
    refusal.replaceChildren(
      h(
        'div',
        { class: 'problem kind', role: 'alert' },
        h('strong', {}, `Revision ${review.job.revision} was saved by somebody else meanwhile`),
        h(
          'p',
          {},
          `It is loaded now. ${formatCount(review.turned.size, 'change')} of yours ${review.turned.size === 1 ? 'is' : 'are'} carried over`,
          lost > 0 ? `, ${lost} no longer ${lost === 1 ? 'applies' : 'apply'}.` : '.',
          ' Look them over and save again.',
        ),
      ),
    );
  };

  host.append(
    h(
      'header',
      { class: 'job-head' },
      h(
        'div',
        { class: 'headline' },
        h('p', { class: 'crumb' }, h('a', { href: '#/jobs' }, 'Jobs'), ' / ', h('a', { href: `#/jobs/${id}` }, name)),
        h('h1', {}, 'Plan'),
      ),
    ),
    refusal,
    sums.element,
    h('section', { class: 'panel', 'aria-label': 'The edit over the footage' }, strip.element, toLegend(review.plan)),
    list.element,
  );
  show();
};

/** Opened too early, the page waits for the plan. False = the page was left. */
async function untilPlanned(path: string, host: HTMLElement, signal: AbortSignal): Promise<boolean> {
  const note = h('p', { class: 'fine', role: 'status' }, 'The plan is being made; it appears here by itself.');
  for (;;) {
    const { status, stages } = await read<JobView>(path, signal);
    const planned = stages.some(({ name, status }) => name === 'direct' && status === 'done');
    if (planned || !['queued', 'processing'].includes(status)) break;
    if (!note.isConnected) host.append(note);
    if (!(await pause(lookMs, signal))) return false;
  }
  note.remove();
  return true;
}

async function readReview(path: string, signal: AbortSignal): Promise<Pick<Review, 'job' | 'plan' | 'etag'>> {
  const [job, answer] = await Promise.all([read<JobView>(path, signal), send(`${path}/plan`, { signal })]);
  return { job, plan: (await answer.json()) as EditPlan, etag: answer.headers.get('etag') ?? '' };
}

interface Deeds {
  save: (button: HTMLButtonElement) => Promise<void>;
  approve: (button: HTMLButtonElement) => Promise<void>;
  discard: () => void;
}

/** What the edit is now, and what can be done about it. */
function toSums({ job, plan, turned }: Review, next: EditPlan | null, deeds: Deeds): Child {
  const before = plan.source.duration_s;
  const after = keptSeconds(next ?? plan);
  const button = (text: string, kind: string, deed: (element: HTMLButtonElement) => unknown) => {
    const element: HTMLButtonElement = h(
      'button',
      { type: 'button', class: kind, focus: text, on: { click: () => void deed(element) } },
      text,
    );
    return element;
  };
  const waits = job.status === 'awaiting_review';
  const changed = turned.size > 0;
  return [
    h(
      'p',
      { class: 'lengths number' },
      h('span', { class: 'big' }, formatDuration(after)),
      h(
        'span',
        { class: 'fine' },
        `of ${formatDuration(before)} · ${formatChange(before, after)} · ${formatCount((next ?? plan).cuts.length, 'cut')}`,
      ),
    ),
    h(
      'p',
      { class: 'fine meta' },
      toStatusMark(job.status),
      h('span', {}, `Revision ${job.revision} by ${plan.by}`),
      h('span', {}, changed ? `${formatCount(turned.size, 'change')} not saved` : 'No changes'),
    ),
    h(
      'div',
      { class: 'actions' },
      changed && button('Discard', 'button', deeds.discard),
      waits && !changed && button('Approve', 'button primary', deeds.approve),
      changed && button(waits ? 'Save and render' : `Save as revision ${job.revision + 1}`, 'button primary', deeds.save),
    ),
  ];
}
