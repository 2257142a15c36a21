import type { JobView } from '#contracts/job';
import { h } from '../dom.ts';
import { formatBytes, formatDuration, formatElapsed, formatFigure, formatWord } from '../format.ts';
import { type Figure, toFigures } from './figures.ts';

/** `report.json`: parts of it may be missing, and later versions have more. */
export type Report = Record<string, unknown>;

/** What was measured, in groups. */
export function toReportFigures(report: Report, { usage }: JobView): HTMLElement {
  const at = (path: string) => lookUp(report, path);
  const number = (path: string, digits: number, unit = '') => formatFigure(at(path), digits, unit);
  const word = (path: string) => (typeof at(path) === 'string' ? formatWord(String(at(path))) : '–');
  const encoder = at('render.encoder.name');
  const groups: [title: string, figures: Figure[]][] = [
    [
      'Picture',
      [
        ['Frames', number('render.frames', 0)],
        ['SSIM', number('quality.ssim.mean', 4), `lowest ${number('quality.ssim.min', 4)}`],
        ['Drift', number('quality.drift_ms.max', 1, 'ms'), `at the end ${number('quality.drift_ms.end', 1, 'ms')}`],
        ['Rendering', word('render.mode'), typeof encoder === 'string' ? encoder : ''],
        ['Pieces', number('render.chunks', 0), `${number('render.chunks_reused', 0)} reused`],
      ],
    ],
    [
      'Sound',
      [
        ['Loudness', `${number('quality.loudness.before_lufs', 1)} → ${number('quality.loudness.after_lufs', 1, 'LUFS')}`],
        ['True peak', number('quality.loudness.true_peak_dbtp', 1, 'dBTP')],
        ['Silence removed', formatDuration(at('quality.silence.removed_s') as number)],
        ['Fillers removed', number('quality.fillers.removed', 0), `${number('quality.fillers.uncertain', 0)} uncertain`],
        ['Noise', word('quality.denoise.method'), `SNR ${number('quality.denoise.estimated_snr_db', 0, 'dB')}`],
      ],
    ],
    [
      'Cost',
      [
        ['Processor', formatElapsed(usage.cpu_s * 1_000)],
        ['Memory', formatBytes(usage.peak_memory_mb * 1e6), 'at most'],
        ['Model calls', number('ai.calls', 0), `${number('ai.usd', 3, 'USD')}`],
        ['Content', word('content_type.value'), String(at('content_type.evidence') ?? '')],
      ],
    ],
  ];
  return h(
    'div',
    { class: 'report' },
    groups.map(([title, figures]) => h('div', {}, h('h3', {}, title), toFigures(figures))),
  );
}

function lookUp(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (found, name) => (typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined),
      value,
    );
}
