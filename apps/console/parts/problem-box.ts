import { ApiError, type Problem } from '../api.ts';
import { h } from '../dom.ts';

/** What was refused, why, where, and what to do next. */
export function toProblemBox({ title, detail, advice, errors = [], code, request_id }: Problem): HTMLElement {
  return h(
    'div',
    { class: 'problem', role: 'alert' },
    h('strong', {}, title),
    detail && h('p', {}, detail),
    errors.length > 0 &&
      h(
        'ul',
        {},
        errors.map((error) => h('li', {}, h('code', {}, error.pointer), ' ', error.detail)),
      ),
    advice && h('p', { class: 'advice' }, advice),
    (code || request_id) && h('p', { class: 'fine' }, [code, request_id].filter(Boolean).join(' · ')),
  );
}

/** Runs what a button does: the button waits, a refusal is shown at `place`. */
export async function attempt(button: HTMLButtonElement, place: HTMLElement, action: () => Promise<void>): Promise<void> {
  button.disabled = true;
  place.replaceChildren();
  try {
    await action();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return; // the page was left meanwhile
    if (!(error instanceof ApiError)) throw error;
    place.replaceChildren(toProblemBox(error.problem));
  } finally {
    button.disabled = false;
  }
}
