import type { EditPlan } from '#contracts/plan';
import { createSlot, h } from '../dom.ts';
import { formatElapsed, formatFigure, formatMoment, formatWord } from '../format.ts';
import { type Decision, fpsOf, listDecisions } from '../plan-edit.ts';
import { kindOf } from './patterns.ts';

/** So many lines at a time: a long talk has thousands of decisions. */
const portion = 100;

export interface Reviewed {
  plan: EditPlan;
  etag: string;
  turned: ReadonlySet<string>;
}

export interface DecisionList {
  element: HTMLElement;
  show(review: Reviewed): void;
  /** Brings a decision into sight and to the keyboard. */
  reveal(id: string): void;
}

/** Every decision with its time, words and confidence, and a switch: on = it is cut. */
export function createDecisionList({ onTurn }: { onTurn: (id: string) => void }): DecisionList {
  const slot = createSlot({ class: 'panel', 'aria-label': 'Decisions' }, 'section');
  let shown = portion;
  let now: Reviewed | null = null;
  const show = (review: Reviewed) => {
    now = review;
    const decisions = listDecisions(review.plan);
    slot.show([review.etag, [...review.turned], shown], () => [
      h('h2', {}, 'Decisions'),
      h('p', { class: 'fine' }, 'Switch off what should stay, switch on what should go.'),
      decisions.length === 0
        ? h('p', { class: 'fine' }, 'Nothing was found that could be cut.')
        : h(
            'ul',
            { class: 'decisions' },
            decisions.slice(0, shown).map((decision) => toLine(decision, review, onTurn)),
          ),
      decisions.length > shown &&
        h(
          'button',
          { type: 'button', class: 'button', on: { click: () => more() } },
          `Show ${Math.min(portion, decisions.length - shown)} more`,
        ),
    ]);
  };
  const more = () => {
    shown += portion;
    if (now) show(now);
  };
  return {
    element: slot.element,
    show,
    reveal(id) {
      const index = now ? listDecisions(now.plan).findIndex((decision) => decision.id === id) : -1;
      while (index >= shown) more();
      const line = slot.element.querySelectorAll<HTMLElement>('.decisions [role="switch"]')[index];
      line?.scrollIntoView({ block: 'center' });
      line?.focus();
    },
  };
}

function toLine({ id, cut, planned }: Decision, { plan, turned }: Reviewed, onTurn: (id: string) => void): HTMLElement {
  const isCut = (planned === 'cut') !== turned.has(id);
  const fps = fpsOf(plan);
  const said = cut.text ? `“${cut.text}”` : '';
  const label = `${formatWord(cut.reason)} ${said} at ${formatMoment(cut.start_frame / fps)}: cut`;
  return h(
    'li',
    { class: `decision ${isCut ? 'is-cut' : 'is-kept'} ${turned.has(id) ? 'is-turned' : ''}` },
    h(
      'button',
      {
        type: 'button',
        class: 'switch',
        role: 'switch',
        'aria-checked': String(isCut),
        'aria-label': label,
        focus: id,
        on: { click: () => onTurn(id) },
      },
      h('span', { class: 'knob' }),
    ),
    h('span', { class: 'number when' }, formatMoment(cut.start_frame / fps)),
    h('span', { class: 'number fine long' }, formatElapsed(((cut.end_frame - cut.start_frame) / fps) * 1_000)),
    h('span', { class: `reason ${kindOf(cut, planned)}` }, formatWord(cut.reason), planned === 'keep' && ' · uncertain'),
    h('span', { class: 'said' }, h('span', { class: 'words' }, said), cut.note && h('span', { class: 'fine' }, ` ${cut.note}`)),
    h('span', { class: 'number fine sure', title: 'Confidence' }, formatFigure(cut.confidence * 100, 0, '%')),
    h('span', { class: 'fine verdict' }, isCut ? 'Cut' : 'Kept', turned.has(id) && ' · changed'),
  );
}
