import { z } from 'zod';
import type { AssetView, JobView, StageView } from '#contracts/job';
import { paint, shorten, type Terminal, toBar, toBytes, toDuration, toTable } from './terminal.ts';

export interface Finished {
  asset: AssetView;
  job: JobView;
  report: Report;
  /** Folder of the downloaded outputs, as a person would type it. */
  folder: string;
  cuts: { reason: string }[];
}

const figure = z.number().nullish();

/** The parts of report.json that are shown; whatever is missing is left out. */
export const reportSchema = z.object({
  quality: z
    .object({
      loudness: z.object({ before_lufs: figure, after_lufs: figure, true_peak_dbtp: figure }).partial().optional(),
      silence: z.object({ removed_s: figure, share: figure }).partial().optional(),
      drift_ms: z.object({ max: figure, end: figure }).partial().optional(),
    })
    .partial()
    .optional(),
});
export type Report = z.infer<typeof reportSchema>;
export const cutsSchema = z.object({ cuts: z.array(z.object({ reason: z.string() })) });

/** Pure: a finished job as the lines that are printed. */
export function toSummary(finished: Finished, terminal: Terminal): string[] {
  const heading = (text: string) => ['', paint(terminal, 'bold', text), ''];
  const warnings = toWarnings(finished.job, terminal);
  return [
    ...heading('before and after'),
    ...indent(toBeforeAfter(finished, terminal)),
    ...heading(`outputs in ${finished.folder}/`),
    ...indent(toOutputs(finished.job)),
    ...heading('where time went'),
    ...indent(toStages(finished.job, terminal)),
    ...(warnings.length > 0 ? [...heading('warnings'), ...indent(warnings)] : []),
    '',
  ];
}

const indent = (lines: string[]) => lines.map((line) => `  ${line}`);

function toBeforeAfter({ asset, job, report, cuts }: Finished, terminal: Terminal): string[] {
  const video = job.outputs.find(({ name }) => name === 'video.mp4');
  const before = asset.media.duration_s;
  const after = video?.media?.duration_s;
  const { loudness, silence, drift_ms } = report.quality ?? {};
  const rows = [
    ['', 'before', 'after', ''],
    ['duration', toDuration(before), optional(after, toDuration), optional(after, (end) => `${percent(1 - end / before)} shorter`)],
    ['silence', '', optional(silence?.removed_s, (removed) => `−${toDuration(removed)}`), toCutCounts(cuts)],
    [
      'loudness',
      optional(loudness?.before_lufs, toLufs),
      optional(loudness?.after_lufs, toLufs),
      optional(loudness?.true_peak_dbtp, (peak) => `true peak ${decimal(peak)} dBTP`),
    ],
    ['size', toBytes(asset.bytes), optional(video?.bytes, toBytes), ''],
    [
      'sound ahead',
      '',
      optional(drift_ms?.end, (drift) => `${decimal(drift)} ms`),
      optional(drift_ms?.max, (drift) => `at worst ${decimal(drift)} ms at a cut`),
    ],
  ];
  const shown = rows.filter(([name, , end]) => name === '' || end !== '');
  return toTable(shown, { right: [1, 2] }).map((line, index) => (index === 0 ? paint(terminal, 'dim', line) : line));
}

function toCutCounts(cuts: { reason: string }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of cuts) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason} cut${count === 1 ? '' : 's'}`).join(', ');
}

function toOutputs(job: JobView): string[] {
  const rows = job.outputs.map(({ name, bytes, media }) => [name, toBytes(bytes), optional(media?.duration_s, toDuration), toSize(media)]);
  return toTable(rows, { right: [1, 2] });
}

function toSize(media: JobView['outputs'][number]['media']): string {
  return media?.width && media.height ? `${media.width}×${media.height}` : '';
}

/** Fan-out stages count from the start of the first piece to the end of the last. */
function toStages(job: JobView, terminal: Terminal): string[] {
  const timed = job.stages.filter(({ status }) => status === 'done');
  const longestMs = Math.max(1, ...timed.map(lengthMs));
  const width = Math.max(10, Math.min(40, terminal.columns - 50));
  const rows = timed.map((stage) => [
    stage.name,
    stage.cached ? paint(terminal, 'dim', 'known') : toDuration(lengthMs(stage) / 1_000),
    paint(terminal, 'cyan', stage.cached ? '' : toBar(lengthMs(stage) / longestMs, width)),
  ]);
  const { cpu_s, peak_memory_mb } = job.usage;
  const total = job.started_at && job.finished_at ? (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1_000 : null;
  const foot = [
    optional(total, (s) => `${toDuration(s)} in all`),
    `${toDuration(cpu_s)} of CPU`,
    `${peak_memory_mb.toFixed(0)} MB at most in one tool`,
  ];
  return [...toTable(rows, { right: [1] }), paint(terminal, 'dim', foot.filter(Boolean).join(' · '))];
}

const lengthMs = ({ duration_ms }: StageView) => duration_ms ?? 0;

function toWarnings(job: JobView, terminal: Terminal): string[] {
  return job.warnings.map(({ code, stage, message }) => {
    const head = paint(terminal, 'yellow', code);
    return `${head}  ${shorten(`${message} (${stage})`, Math.max(40, terminal.columns - code.length - 6))}`;
  });
}

const decimal = (value: number) => value.toFixed(1).replace('-', '−');
const toLufs = (value: number) => `${decimal(value)} LUFS`;
const percent = (share: number) => `${Math.round(share * 100)} %`;

function optional(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '' : format(value);
}
