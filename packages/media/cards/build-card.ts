import type { Drawing } from '#contracts/overlays';
import type { Card, Layout, Stage } from './card.ts';
import { layBars } from './layouts/bars.ts';
import { layDefinition } from './layouts/definition.ts';
import { layList } from './layouts/list.ts';
import { layQuote } from './layouts/quote.ts';
import { layStat } from './layouts/stat.ts';
import { layTitle } from './layouts/title.ts';
import { layTrend } from './layouts/trend.ts';
import { layVersus } from './layouts/versus.ts';
import { chooseTheme } from './theme.ts';

/** Pure: what a drawing looks like on such a picture. Whatever the text, everything lies inside the safe area. */
export function buildCard(drawing: Drawing, stage: Stage): Card {
  const theme = chooseTheme(drawing.spec);
  const full = Math.min(stage.height, stage.width * (stage.height > stage.width ? 1 : 9 / 16)) / 1080;
  let card = lay(drawing, { stage, theme, unit: full });
  for (let share = 0.9; card.cramped && share > 0.2; share -= 0.1) card = lay(drawing, { stage, theme, unit: full * share });
  return card;
}

function lay(drawing: Drawing, layout: Layout): Card {
  switch (drawing.kind) {
    case 'chart':
      return drawing.spec.form === 'bars' ? layBars(drawing.spec, layout) : layTrend(drawing.spec, layout);
    case 'card':
      return layCard(drawing.spec, layout);
    case 'quote':
      return layQuote(drawing.spec, layout);
    case 'title':
      return layTitle(drawing.spec, layout);
  }
}

function layCard(spec: Extract<Drawing, { kind: 'card' }>['spec'], layout: Layout): Card {
  switch (spec.layout) {
    case 'stat':
      return layStat(spec, layout);
    case 'list':
      return layList(spec, layout);
    case 'definition':
      return layDefinition(spec, layout);
    case 'versus':
      return layVersus(spec, layout);
  }
}
