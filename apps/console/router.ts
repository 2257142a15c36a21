import { ApiError } from './api.ts';
import { h } from './dom.ts';
import { showJob } from './pages/job.ts';
import { showJobs } from './pages/jobs.ts';
import { showNewJob } from './pages/new-job.ts';
import { showPlan } from './pages/plan.ts';
import { showSystem } from './pages/system.ts';
import { toProblemBox } from './parts/problem-box.ts';

/** Builds a page into `host`; `signal` aborts when another page takes its place. */
export type Page = (host: HTMLElement, place: { id: string; query: URLSearchParams; signal: AbortSignal }) => Promise<void>;

const pages: readonly { pattern: RegExp; title: string; show: Page }[] = [
  { pattern: /^\/jobs$/, title: 'Jobs', show: showJobs },
  { pattern: /^\/new$/, title: 'New edit', show: showNewJob },
  { pattern: /^\/jobs\/([^/]+)$/, title: 'Job', show: showJob },
  { pattern: /^\/jobs\/([^/]+)\/plan$/, title: 'Plan', show: showPlan },
  { pattern: /^\/system$/, title: 'Queues and system', show: showSystem },
];

/** Shows the page that the address names, now and whenever it changes. */
export function startRouter(onRoute: (route: string) => void): void {
  let leave = new AbortController();
  const go = () => {
    if (location.hash === '#main') return;
    leave.abort();
    leave = new AbortController();
    onRoute(location.hash || '#/jobs');
    void showPage(leave.signal);
  };
  addEventListener('hashchange', () => {
    go();
    document.getElementById('main')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  go();
}

async function showPage(signal: AbortSignal): Promise<void> {
  const [path = '', query = ''] = (location.hash.slice(1) || '/jobs').split('?', 2);
  const found = pages.find(({ pattern }) => pattern.test(path));
  const main = document.getElementById('main');
  if (!main) return;
  document.title = `${found?.title ?? 'Not found'} · cutroom`;
  const host = h('div', { class: 'page' });
  main.replaceChildren(host);
  if (!found) return host.append(h('h1', {}, 'There is no such page'), h('p', {}, h('a', { href: '#/jobs' }, 'All jobs')));
  const id = found.pattern.exec(path)?.[1] ?? '';
  try {
    await found.show(host, { id, query: new URLSearchParams(query), signal });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    host.append(toProblemBox(error.problem));
  }
}
