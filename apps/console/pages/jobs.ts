import type { AssetView, JobStatus, JobView } from '#contracts/job';
import { ApiError, type Page as ListPage, type Problem, read } from '../api.ts';
import { assetOf, nameOf } from '../assets.ts';
import { createSlot, h, pause } from '../dom.ts';
import { formatAge, formatChange, formatDuration, formatWord } from '../format.ts';
import { toProblemBox } from '../parts/problem-box.ts';
import { toProgressBar, toStatusMark } from '../parts/status.ts';
import type { Page } from '../router.ts';

const statuses: readonly JobStatus[] = ['queued', 'processing', 'awaiting_review', 'completed', 'failed', 'cancelled'];
const open: readonly JobStatus[] = ['queued', 'processing'];
/** While something moves, and while nothing does. */
const livelyMs = 1_500;
const calmMs = 8_000;
const limit = 20;

interface Line {
  job: JobView;
  asset: AssetView | null;
}

/** All jobs, newest first, a page at a time. It looks again by itself; what has not changed is left alone. */
export const showJobs: Page = async (host, { query, signal }) => {
  const status = statuses.find((known) => known === query.get('status'));
  const cursor = query.get('cursor');
  const table = createSlot({ class: 'jobs-list' });
  const trouble = createSlot();
  host.append(
    h('div', { class: 'page-head' }, h('h1', {}, 'Jobs'), h('a', { class: 'button primary', href: '#/new' }, 'New edit')),
    toFilter(status),
    trouble.element,
    table.element,
  );
  do {
    const answer = await readLines({ status, cursor, signal });
    if (signal.aborted) return;
    trouble.show('problem' in answer ? answer.problem : null, () => 'problem' in answer && toProblemBox(answer.problem));
    if ('lines' in answer) {
      const { lines, next } = answer;
      const ages = lines.map(({ job }) => formatAge(job.created_at, Date.now()));
      table.show([lines, next, ages], () => [toTable(lines, ages, status), toPager({ status, cursor, next })]);
      if (!(await pause(lines.some(({ job }) => open.includes(job.status)) ? livelyMs : calmMs, signal))) return;
    } else if (!(await pause(calmMs, signal))) return;
  } while (!signal.aborted);
};

interface Wish {
  status: JobStatus | undefined;
  cursor: string | null;
}

async function readLines({
  status,
  cursor,
  signal,
}: Wish & { signal: AbortSignal }): Promise<{ lines: Line[]; next: string | null } | { problem: Problem }> {
  const query = new URLSearchParams({ limit: String(limit), ...(status && { status }), ...(cursor && { cursor }) });
  try {
    const { data, next_cursor } = await read<ListPage<JobView>>(`/v1/jobs?${query}`, signal);
    return { lines: await Promise.all(data.map(async (job) => ({ job, asset: await assetOf(job) }))), next: next_cursor };
  } catch (error) {
    if (error instanceof ApiError) return { problem: error.problem };
    if (signal.aborted) return { lines: [], next: null };
    throw error;
  }
}

function toFilter(chosen: JobStatus | undefined): HTMLElement {
  const link = (status: JobStatus | undefined, text: string) =>
    h('a', { href: hrefOf({ status, cursor: null }), 'aria-current': status === chosen ? 'true' : undefined }, text);
  return h(
    'nav',
    { class: 'filter', 'aria-label': 'Filter by status' },
    link(undefined, 'All'),
    statuses.map((status) => link(status, formatWord(status))),
  );
}

function toTable(lines: readonly Line[], ages: readonly string[], status: JobStatus | undefined): HTMLElement {
  if (lines.length === 0) {
    return h(
      'div',
      { class: 'empty' },
      h('p', { class: 'strong' }, status ? `No job is ${formatWord(status).toLowerCase()}.` : 'No footage has been edited yet.'),
      !status && h('p', {}, 'Drop a recording into a new edit: pauses and fillers go, the sound is levelled, captions are made.'),
    );
  }
  const heads = ['Name', 'Status', 'Progress', 'Content', 'Length', 'Age'];
  return h(
    'table',
    { class: 'jobs', role: 'table' },
    h(
      'thead',
      { role: 'rowgroup' },
      h(
        'tr',
        { role: 'row' },
        heads.map((head) => h('th', { scope: 'col', role: 'columnheader', class: `head-${head.toLowerCase()}` }, head)),
      ),
    ),
    h(
      'tbody',
      { role: 'rowgroup' },
      lines.map((line, index) => toRow(line, ages[index] ?? '')),
    ),
  );
}

function toRow({ job, asset }: Line, age: string): HTMLElement {
  const name = nameOf(job, asset);
  const cell = (kind: string, ...children: Parameters<typeof h>[2][]) => h('td', { class: kind, role: 'cell' }, children);
  return h(
    'tr',
    { role: 'row', class: job.status },
    cell(
      'name',
      h('a', { href: `#/jobs/${job.id}`, focus: job.id, title: name }, name),
      h('span', { class: 'fine' }, job.external_id ?? job.id, job.revision > 1 && ` · revision ${job.revision}`),
    ),
    cell('status-cell', toStatusMark(job.status)),
    cell(
      'progress',
      toProgressBar(job.progress, `Progress of ${name}`),
      h('span', { class: 'number', 'aria-hidden': 'true' }, `${job.progress} %`),
    ),
    cell('content', formatWord(job.request.content_type ?? 'auto')),
    cell('length number', toLength(job, asset)),
    cell('age number', h('time', { datetime: job.created_at, title: new Date(job.created_at).toLocaleString() }, age)),
  );
}

function toLength({ outputs }: JobView, asset: AssetView | null): Parameters<typeof h>[2] {
  const before = asset?.media.duration_s;
  const after = outputs.find(({ kind }) => kind === 'video')?.media?.duration_s;
  if (before === undefined || after === undefined) return formatDuration(after ?? before);
  return [
    h('span', {}, `${formatDuration(before)} → ${formatDuration(after)}`),
    ' ',
    h('span', { class: 'fine' }, formatChange(before, after)),
  ];
}

function toPager({ status, cursor, next }: Wish & { next: string | null }): HTMLElement | null {
  if (!cursor && !next) return null;
  return h(
    'nav',
    { class: 'pager', 'aria-label': 'Pages' },
    cursor && h('a', { class: 'button', href: hrefOf({ status, cursor: null }) }, 'Newest'),
    next && h('a', { class: 'button', href: hrefOf({ status, cursor: next }), focus: 'next' }, 'Older'),
  );
}

function hrefOf({ status, cursor }: Wish): string {
  const query = new URLSearchParams({ ...(status && { status }), ...(cursor && { cursor }) }).toString();
  return `#/jobs${query && `?${query}`}`;
}
