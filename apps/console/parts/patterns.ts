import type { Cut } from '#contracts/plan';
import { svg } from '../dom.ts';
import type { Decision } from '../plan-edit.ts';

/** What a stretch of the strip can be; each has a colour, a pattern and a name, so that none of the three is needed alone. */
export const kinds = ['keep', 'silence', 'filler', 'repeat', 'beat', 'manual', 'uncertain', 'overlay', 'clip'] as const;
export type Kind = (typeof kinds)[number];

export const kindOf = ({ reason }: Cut, planned: Decision['planned']): Kind => (planned === 'cut' ? reason : 'uncertain');

/** Lines of a tile of 6 × 6; none = plain. */
const lines: Record<Kind, string> = {
  keep: '',
  silence: 'M0 6L6 0M-1 1L1 -1M5 7L7 5',
  filler: 'M3 0V6',
  repeat: 'M0 0L6 6M0 6L6 0',
  beat: 'M0 3H6M3 0V6',
  manual: 'M0 3H6',
  uncertain: 'M1.5 1.5h1M4.5 4.5h1',
  overlay: '',
  clip: 'M0 0L6 6M-1 5L1 7M5 -1L7 1',
};

/** Patterns for one picture; an id is of the whole document, hence the prefix. */
export function definePatterns(prefix: string): SVGElement {
  return svg(
    'defs',
    {},
    ...kinds.map((kind) =>
      svg(
        'pattern',
        { id: `${prefix}-${kind}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse', class: `pattern ${kind}` },
        svg('rect', { width: 6, height: 6 }),
        ...(lines[kind] ? [svg('path', { d: lines[kind] })] : []),
      ),
    ),
  );
}
