export type Child = Node | string | number | null | undefined | false | readonly Child[];

export interface Attributes {
  class?: string | undefined;
  /** Elements with the same word keep the focus when their surroundings are built anew. */
  focus?: string;
  on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
  [attribute: `aria-${string}`]: string | boolean | undefined;
  [attribute: `data-${string}`]: string | undefined;
  role?: string;
  id?: string;
  href?: string;
  title?: string | undefined;
  type?: string;
  name?: string;
  value?: string;
  for?: string;
  src?: string;
  alt?: string;
  download?: string;
  accept?: string;
  placeholder?: string;
  autocomplete?: string;
  preload?: string;
  datetime?: string;
  scope?: string;
  tabindex?: string;
  min?: string;
  max?: string;
  step?: string;
  rows?: string;
  colspan?: string;
  loading?: string;
  hidden?: boolean;
  checked?: boolean;
  disabled?: boolean;
  selected?: boolean;
  controls?: boolean;
  muted?: boolean;
  playsinline?: boolean;
  required?: boolean;
  open?: boolean;
}

/** An element. Whatever comes from the API becomes text here and can be nothing else: there is no way to give markup or a style. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { on = {}, focus, ...attributes }: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value));
  }
  if (focus) element.dataset['focus'] = focus;
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener as EventListener);
  element.append(...toNodes(children));
  return element;
}

/** An SVG element of a picture that says in words elsewhere what it shows. */
export function svg(tag: string, attributes: Record<string, string | number> = {}, ...children: readonly SVGElement[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export function toNodes(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (child === null || child === undefined || child === false) return [];
    if (Array.isArray(child)) return toNodes(child as readonly Child[]);
    return [typeof child === 'number' ? String(child) : (child as Node | string)];
  });
}

export interface Slot {
  element: HTMLElement;
  /** Builds the content anew when `key` says something else than before; a film that plays goes on playing. */
  show(key: unknown, build: () => Child): void;
}

/** A part of a page that changes by itself. */
export function createSlot(attributes: Attributes = {}, tag: 'div' | 'section' | 'header' | 'ul' | 'tbody' = 'div'): Slot {
  const element = h(tag, attributes);
  let shown: string | null = null;
  return {
    element,
    show(key, build) {
      const wanted = JSON.stringify(key) ?? '';
      if (wanted === shown) return;
      shown = wanted;
      const held = element.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['focus'] : undefined;
      element.replaceChildren(...toNodes([build()]));
      if (!held) return;
      [...element.querySelectorAll<HTMLElement>('[data-focus]')].find(({ dataset }) => dataset['focus'] === held)?.focus();
    },
  };
}

/** Says it to those who do not see the page. */
export function announce(text: string): void {
  const line = document.getElementById('announcer');
  if (line) line.textContent = text;
}

/** Waits so long, or until the signal aborts; true = go on. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const timer = setTimeout(() => resolve(true), ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve(false);
      },
      { once: true },
    );
  });
}
