import type { Disposition, ErrorRow } from '#contracts/errors';

/** The text of `docs/errors.md`: the one table of errors, by status. */
export function toErrorsPage(table: Readonly<Record<string, ErrorRow>>): string {
  const rows = Object.entries(table)
    .toSorted(([codeA, a], [codeB, b]) => a.status - b.status || (codeA < codeB ? -1 : 1))
    .map(
      ([code, { status, title, disposition, advice }]) => `| \`${code}\` | ${status} | ${title} | ${meanings[disposition]} | ${advice} |`,
    );
  return `${introduction}\n| code | status | what happened | inside a job | what to do |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

const meanings: Record<Disposition, string> = { fail: 'ends it', retry: 'tried again', wait: 'waits, unblamed' };

const introduction = `# Errors

Every error answers \`application/problem+json\` (RFC 9457) with one of these codes in \`code\`, what exactly is wrong in \`detail\`, the fields in
\`errors[{pointer,detail}]\`, and \`request_id\`. The same codes stand in a failed job's \`error\`. When a stage throws one, it *ends* the job, is *tried again*
with growing pauses up to a bound, or *waits* without counting as an attempt until the job's deadline.

This page is made of \`packages/contracts/errors.ts\`; \`npm run generate\` writes it anew.
`;
