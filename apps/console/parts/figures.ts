import { type Child, h } from '../dom.ts';

export type Figure = readonly [name: string, value: Child, note?: string];

/** Names and values side by side. */
export function toFigures(figures: readonly Figure[]): HTMLElement {
  return h(
    'dl',
    { class: 'figures' },
    figures.map(([name, value, note]) => h('div', {}, h('dt', {}, name), h('dd', {}, value, note && h('span', { class: 'fine' }, note)))),
  );
}

/** A titled part of a page. */
export function toPanel(title: string, id: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { class: 'panel', 'aria-labelledby': id }, h('h2', { id }, title), children);
}
