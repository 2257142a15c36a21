import { type Child, h } from '../dom.ts';
import { formatWord } from '../format.ts';
import { toPanel } from './figures.ts';

interface Advised {
  value: string | number;
  reason: string;
}

export interface Recommendation {
  tier: Advised;
  machine: { ffmpeg: string; encoders: { software: string[]; hardware: string[] } };
  advice: Record<string, Advised>;
}

/** What this machine is good for, and why. */
export function toAdvice({ tier, machine, advice }: Recommendation): Child {
  const lines: [string, Advised][] = [['Tier', tier], ...Object.entries(advice)];
  return toPanel(
    'Recommendation',
    'advice-title',
    h(
      'dl',
      { class: 'advised' },
      lines.map(([name, { value, reason }]) =>
        h(
          'div',
          {},
          h('dt', {}, formatWord(name)),
          h('dd', {}, h('span', { class: 'strong' }, formatWord(String(value))), h('span', { class: 'fine' }, reason)),
        ),
      ),
    ),
    h('p', { class: 'fine' }, `ffmpeg ${machine.ffmpeg} · ${[...machine.encoders.software, ...machine.encoders.hardware].join(', ')}`),
  );
}
