import type { JobView } from '#contracts/job';
import { ApiError, write } from '../api.ts';
import { announce, createSlot, h } from '../dom.ts';
import { type DryRun, toEstimate } from '../parts/estimate.ts';
import { attempt, toProblemBox } from '../parts/problem-box.ts';
import { createRequestForm } from '../parts/request-form.ts';
import { createSourcePicker } from '../parts/source-picker.ts';
import type { Page } from '../router.ts';

/** A pause in typing, so that not every letter asks for an estimate. */
const settleMs = 300;

/** Footage and wishes in; what it would cost is shown before anything is sent off. */
export const showNewJob: Page = async (host, { signal }) => {
  const [estimate, refusal] = [createSlot({ class: 'estimate', 'aria-live': 'polite' }), h('div')];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  /** One key for one wish: a second click or a lost answer makes no second job. */
  let key = newKey();

  const source = createSourcePicker({ signal, onChange: () => changed() });
  const form = createRequestForm(() => changed());
  const button = h('button', { class: 'button primary', disabled: true }, 'Start the edit');

  const ask = async () => {
    const input = source.input();
    const mine = ++asked;
    if (!input) return estimate.show('none', () => h('p', { class: 'fine' }, 'An estimate appears once the footage is here.'));
    try {
      const answer = await write<DryRun>('POST', '/v1/jobs?dry_run=true', { ...form.request(), input });
      if (mine !== asked) return;
      estimate.show(answer, () => toEstimate(answer));
      button.disabled = false;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === asked) estimate.show(error.problem, () => toProblemBox(error.problem));
    }
  };
  const changed = () => {
    key = newKey();
    button.disabled = true;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), settleMs);
  };
  const create = () =>
    attempt(button, refusal, async () => {
      const job = await write<JobView>('POST', '/v1/jobs', { ...form.request(), input: source.input() }, { 'idempotency-key': key });
      announce('The edit has started.');
      location.hash = `#/jobs/${job.id}`;
    });
  const submit = (event: Event) => {
    event.preventDefault();
    void create();
  };
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  host.append(
    h('div', { class: 'page-head' }, h('h1', {}, 'New edit')),
    h(
      'form',
      { class: 'new-job', on: { submit } },
      h('div', { class: 'stack' }, source.element, form.element),
      h(
        'aside',
        { class: 'panel send', 'aria-label': 'Estimate' },
        h('h2', {}, 'Estimate'),
        estimate.element,
        refusal,
        h('div', { class: 'actions' }, button),
      ),
    ),
  );
  await ask();
};

/** `crypto.randomUUID` exists on secure pages only; a console on a plain local address needs keys too. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
