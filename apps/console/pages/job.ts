import type { JobView } from '#contracts/job';
import { ApiError, read } from '../api.ts';
import { assetOf, nameOf } from '../assets.ts';
import { announce, createSlot, h, pause } from '../dom.ts';
import { followJob } from '../follow.ts';
import { formatWord } from '../format.ts';
import { toFailure, toWarnings } from '../parts/failure.ts';
import { toPanel } from '../parts/figures.ts';
import { toActions, toHeadline, toStanding } from '../parts/job-head.ts';
import { toDownloads, toThumbnails } from '../parts/outputs.ts';
import { filmOf, toPlayer } from '../parts/player.ts';
import { toProblemBox } from '../parts/problem-box.ts';
import { type Report, toReportFigures } from '../parts/report.ts';
import { toStageChart } from '../parts/stage-chart.ts';
import type { Page } from '../router.ts';

const ended: readonly string[] = ['completed', 'failed', 'cancelled'];
/** Events say when a stage ends; what goes on inside one is asked for. */
const lookMs = 1_500;

/** One job: what happens to it, and what came of it. */
export const showJob: Page = async (host, { id, signal }) => {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  let job = await read<JobView>(path, signal);
  const asset = await assetOf(job);
  const name = nameOf(job, asset);
  document.title = `${name} · cutroom`;
  const slots = createSlots(host);
  const refusal = h('div');
  slots.head.element.after(refusal);
  let report: Report | null = null;

  const show = () => {
    const { status, outputs, progress, stages, error, warnings, revision } = job;
    slots.head.show([status, revision, stages.find(({ name }) => name === 'direct')?.status], () => [
      toHeadline(job, name),
      toActions(job, { refusal, onChange: renew }),
    ]);
    slots.standing.show([status, progress, job.stage, job.queue], () => toStanding(job));
    slots.trouble.show([error, warnings], () => [error && toFailure(error), toWarnings(warnings)]);
    slots.player.show(filmOf(job), () => toPlayer(job, { asset, signal }));
    slots.stages.show(stages, () => toPanel('Stages', 'stages-title', toStageChart(job, Date.now())));
    slots.thumbnails.show(
      outputs.map(({ sha256 }) => sha256),
      () => toThumbnails(outputs, signal),
    );
    slots.outputs.show([outputs, status], () => outputs.length > 0 && toPanel('Outputs', 'outputs-title', toDownloads(outputs)));
    slots.report.show(report, () => report && toPanel('Report', 'report-title', toReportFigures(report, job)));
  };
  const renew = async () => {
    const before = job.status;
    job = await read<JobView>(path, signal);
    if (job.status === 'completed') report = await read<Report>(`${path}/report`, signal);
    show();
    if (job.status !== before) announce(`${name}: ${formatWord(job.status)}`);
    if (ended.includes(before) && !ended.includes(job.status)) void follow();
  };
  const look = () =>
    renew().then(
      () => slots.away.show(null, () => null),
      (error) => {
        if (signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        slots.away.show(error.problem, () => toProblemBox(error.problem));
      },
    );
  const isOver = () => ended.includes(job.status);
  const follow = async () => {
    const stream = followJob(id, { onEvent: () => void look(), isOver, signal });
    while (!isOver() && (await pause(lookMs, signal))) await look();
    await stream;
  };

  show();
  await look();
  if (!isOver()) await follow();
};

function createSlots(host: HTMLElement) {
  const slots = {
    away: createSlot(),
    head: createSlot({ class: 'job-head' }, 'header'),
    standing: createSlot(),
    trouble: createSlot({ class: 'stack' }),
    player: createSlot(),
    thumbnails: createSlot(),
    outputs: createSlot(),
    stages: createSlot(),
    report: createSlot(),
  };
  const { away, head, standing, trouble, player, thumbnails, outputs, stages, report } = slots;
  host.append(
    head.element,
    away.element,
    standing.element,
    trouble.element,
    h(
      'div',
      { class: 'columns' },
      h('div', { class: 'stack' }, player.element, thumbnails.element, outputs.element),
      h('div', { class: 'stack' }, stages.element, report.element),
    ),
  );
  return slots;
}
