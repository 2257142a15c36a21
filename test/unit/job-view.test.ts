import { expect, it } from 'vitest';
import { type Standing, toJobView } from '#engine/view';

const warning = (message: string) => ({ code: 'FEATURE_UNAVAILABLE', stage: 'accept', message });

it('a job tells each warning once: that of its acceptance is in the record of a completed run, and not in that of a failed one', () => {
  const manifest = { id: 'job_1', warnings: [warning('early')] };
  const context = { manifest, run: { revision: 1 }, graph: new Map() };
  const warningsOf = (status: string, warnings: unknown[]) =>
    toJobView({ context, state: null, nodes: new Map(), outcome: outcomeOf(status, warnings), retentionDays: 1 } as unknown as Standing)
      .warnings.map(({ message }) => message)
      .join();
  expect(warningsOf('completed', [warning('early'), warning('late')])).toBe('early,late');
  expect(warningsOf('failed', [])).toBe('early');
});

const outcomeOf = (status: string, warnings: unknown[]) => ({
  status,
  warnings,
  stages: [],
  outputs: [],
  usage: {},
  finished_at: '2026-01-01T00:00:00.000Z',
});
