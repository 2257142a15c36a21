import { type Child, h } from '../dom.ts';
import { formatAge, formatBytes, formatFigure, formatWord } from '../format.ts';
import { type Figure, toFigures, toPanel } from './figures.ts';

/** What the service says of itself: known parts in order, whatever else a version has below them by its own names. */
export function toStatistics(stats: object): Child {
  const all = stats as Record<string, unknown>;
  const { queues: _shownAbove, version, started_at, ...parts } = all;
  const head: Figure[] = [
    ['Version', String(version ?? '–')],
    ['Running since', typeof started_at === 'string' ? formatAge(started_at, Date.now()) : '–'],
  ];
  return h(
    'div',
    { class: 'stack' },
    toPanel('Service', 'service-title', toFigures(head)),
    Object.entries(parts).map(([name, part]) => toPart(name, part)),
  );
}

function toPart(name: string, part: unknown): Child {
  const figures = toLeaves(part, '').filter(([, value]) => value !== null);
  if (figures.length === 0) return null;
  return toPanel(
    formatWord(name),
    `part-${name}`,
    toFigures(figures.slice(0, 60).map(([path, value]): Figure => [nameOf(path) || formatWord(name), toText(path, value)])),
  );
}

/** The values of a tree, each with the names that lead to it. */
function toLeaves(value: unknown, path: string): [path: string, value: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => toLeaves(inner, path ? `${path} ${name}` : name));
}

const unitSuffix = / ?_?(bytes|share|_ms|_s|ms)$/;

const nameOf = (path: string): string => formatWord(path.replace(unitSuffix, '').trim());

/** A figure's unit is the end of its name. */
function toText(path: string, value: unknown): string {
  if (typeof value !== 'number') return String(value);
  if (path.endsWith('bytes')) return formatBytes(value);
  if (/share|rate$/.test(path)) return formatFigure(value * 100, 1, '%');
  if (path.endsWith('_ms')) return formatFigure(value, 1, 'ms');
  if (path.endsWith('_s')) return formatFigure(value, 1, 's');
  return Number.isInteger(value) ? String(value) : formatFigure(value, 2);
}
