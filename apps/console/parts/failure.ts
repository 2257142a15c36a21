import type { JobError, JobView } from '#contracts/job';
import { type Child, h } from '../dom.ts';
import { formatCount, formatWord } from '../format.ts';

/** Why the job failed, what to do about it, and the last words of the tool. */
export function toFailure({ code, stage, message, hint, retryable, attempts, tool }: JobError): HTMLElement {
  const where = stage ? `Failed in ${formatWord(stage).toLowerCase()}` : 'The job failed';
  return h(
    'div',
    { class: 'problem', role: 'alert' },
    h('strong', {}, `${where} after ${formatCount(attempts, 'attempt')}`),
    h('p', {}, message),
    h('p', { class: 'advice' }, hint),
    tool &&
      h(
        'details',
        { open: true },
        h('summary', {}, tool.exit_code === null ? 'The tool was ended' : `The tool ended with ${tool.exit_code}`),
        h('pre', { tabindex: '0', 'aria-label': 'Last lines of the tool' }, tool.stderr_tail),
      ),
    h('p', { class: 'fine' }, `${code} · ${retryable ? 'may pass by itself: retry' : 'will not pass by itself'}`),
  );
}

/** Many sources have the same few notes: they are told once each. */
export function toWarnings(warnings: JobView['warnings']): Child {
  if (warnings.length === 0) return null;
  const notes = [...new Map(warnings.map((note) => [`${note.code} ${note.message}`, note])).values()];
  return h(
    'details',
    { class: 'warnings', open: notes.length <= 3 },
    h('summary', {}, formatCount(notes.length, 'note')),
    h(
      'ul',
      {},
      notes.map(({ message, stage, code }) => h('li', {}, message, ' ', h('span', { class: 'fine' }, `${formatWord(stage)} · ${code}`))),
    ),
  );
}
