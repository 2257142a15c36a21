import type { EditPlan, FrameRange } from '#contracts/plan';
import { createSlot, h, svg } from '../dom.ts';
import { formatDuration, formatWord } from '../format.ts';
import { fpsOf, keptSeconds, listDecisions } from '../plan-edit.ts';
import { definePatterns, type Kind, kindOf, kinds } from './patterns.ts';

const rulerHeight = 20;
const filmHeight = 52;
const laneHeight = 12;
/** Thinner ones could not be seen. */
const leastWidth = 1.5;

export interface Strip {
  element: HTMLElement;
  show(plan: EditPlan): void;
}

/** The footage from left to right: kept parts plain, cuts by reason in colour and pattern, what lies over the picture below. */
export function createStrip({ onPick, signal }: { onPick: (decision: string) => void; signal: AbortSignal }): Strip {
  const zoom = h('input', { id: 'zoom', type: 'range', min: '1', max: '20', step: '1', value: '1' });
  const inner = h('div', { class: 'strip-inner' });
  const frame = h(
    'div',
    { class: 'strip', tabindex: '0', role: 'region', 'aria-label': 'The footage; it can be scrolled when enlarged' },
    inner,
  );
  const words = createSlot({ class: 'unseen' });
  let plan: EditPlan | null = null;

  const draw = () => {
    if (!plan || frame.clientWidth === 0) return;
    const width = Math.round(frame.clientWidth * Number(zoom.value));
    inner.style.width = `${width}px`;
    inner.replaceChildren(toPicture(plan, width));
  };
  const pick = (event: MouseEvent) => {
    if (!plan) return;
    const at = ((event.clientX - inner.getBoundingClientRect().left) / inner.clientWidth) * plan.source.frames;
    const near = (2 * plan.source.frames) / inner.clientWidth;
    const found = listDecisions(plan).find(({ cut }) => cut.start_frame - near <= at && at < cut.end_frame + near);
    if (found) onPick(found.id);
  };
  zoom.addEventListener('input', draw);
  inner.addEventListener('click', pick);
  const observer = new ResizeObserver(draw);
  observer.observe(frame);
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
  return {
    element: h('div', {}, h('div', { class: 'zoom' }, h('label', { for: 'zoom' }, 'Enlarge'), zoom), frame, words.element),
    show(next) {
      plan = next;
      words.show([next.keep, next.cuts.length], () => toWords(next));
      draw();
    },
  };
}

/** What the colours and patterns mean; only what occurs, or would when a decision is turned. */
export function toLegend(plan: EditPlan): HTMLElement {
  const present = new Set<Kind>(['keep', 'uncertain', ...listDecisions(plan).map(({ cut }) => cut.reason)]);
  const markers = [plan.overlays.length > 0 && 'overlay', plan.clips.length > 0 && 'clip'];
  return h(
    'ul',
    { class: 'legend', 'aria-label': 'Legend' },
    kinds
      .filter((kind) => present.has(kind) || markers.includes(kind))
      .map((kind) => {
        const picture = svg('svg', { width: 18, height: 12, 'aria-hidden': 'true' }, definePatterns(`legend-${kind}`));
        picture.append(svg('rect', { width: 18, height: 12, rx: 2, class: `mark ${kind}`, fill: fillOf(`legend-${kind}`, kind) }));
        return h('li', {}, picture, formatWord(kind === 'keep' ? 'kept' : kind));
      }),
  );
}

function toPicture(plan: EditPlan, width: number): SVGElement {
  const { frames } = plan.source;
  const x = (at: number) => (at / frames) * width;
  const path = (ranges: readonly FrameRange[], top: number, tall: number) =>
    ranges
      .map(({ start_frame, end_frame }) => {
        const wide = Math.max(leastWidth, x(end_frame) - x(start_frame));
        return `M${x(start_frame).toFixed(1)} ${top}h${wide.toFixed(1)}v${tall}h${(-wide).toFixed(1)}z`;
      })
      .join('');
  const lanes = [
    { kind: 'overlay', ranges: plan.overlays },
    { kind: 'clip', ranges: plan.clips },
  ] as const;
  const used = lanes.filter(({ ranges }) => ranges.length > 0);
  const height = rulerHeight + filmHeight + used.length * laneHeight;
  const picture = svg('svg', { width, height, 'aria-hidden': 'true' }, definePatterns('strip'));
  const add = (kind: Kind, ranges: readonly FrameRange[], top: number, tall: number) => {
    if (ranges.length > 0) picture.append(svg('path', { d: path(ranges, top, tall), class: `mark ${kind}`, fill: fillOf('strip', kind) }));
  };
  add('keep', plan.keep, rulerHeight, filmHeight);
  const decisions = listDecisions(plan);
  for (const kind of kinds) {
    const ranges = decisions.flatMap(({ cut, planned }) => (kindOf(cut, planned) === kind ? [cut] : []));
    add(kind, ranges, rulerHeight, filmHeight);
  }
  for (const [index, { kind, ranges }] of used.entries())
    add(kind, ranges, rulerHeight + filmHeight + index * laneHeight + 3, laneHeight - 3);
  picture.append(...toRuler(frames / fpsOf(plan), width));
  return picture;
}

const fillOf = (prefix: string, kind: Kind): string => `url(#${prefix}-${kind})`;

function toRuler(seconds: number, width: number): SVGElement[] {
  const steps = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800];
  const step = steps.find((each) => (each / seconds) * width >= 70) ?? 3600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => {
    const x = ((index * step) / seconds) * width;
    const group = svg('g', { class: 'tick' }, svg('path', { d: `M${x.toFixed(1)} 13v5` }));
    const text = svg('text', { x: x.toFixed(1), y: 10, 'text-anchor': index === 0 ? 'start' : x > width - 30 ? 'end' : 'middle' });
    text.textContent = formatDuration(index * step);
    group.append(text);
    return group;
  });
}

function toWords(plan: EditPlan): HTMLElement {
  const count = (kind: Kind) => listDecisions(plan).filter(({ cut, planned }) => kindOf(cut, planned) === kind).length;
  const cuts = kinds.filter((kind) => count(kind) > 0).map((kind) => `${count(kind)} ${kind}`);
  const rest = cuts.length > 0 ? `; decisions: ${cuts.join(', ')}` : '';
  return h('p', {}, `${formatDuration(keptSeconds(plan))} of ${formatDuration(plan.source.duration_s)} are kept${rest}.`);
}
