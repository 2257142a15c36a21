import { expect, it } from 'vitest';
import { createAdmission } from '../../apps/worker/admission.ts';

const gigabyte = 1e9;
const never = () => new Promise<never>(() => undefined);

function open(availableBytes: number) {
  const clock = { ms: 0 };
  return { clock, admission: createAdmission({ readAvailable: async () => availableBytes, nowMs: () => clock.ms }) };
}

it('work that fits runs, and gives back what it returns', async () => {
  await expect(open(2 * gigabyte).admission.within(gigabyte, async () => 'made')).resolves.toBe('made');
});

it('work that does not fit waits unblamed and is not begun', async () => {
  const begun: string[] = [];
  const refused = open(gigabyte).admission.within(gigabyte, async () => begun.push('begun'));
  await expect(refused).rejects.toMatchObject({ code: 'MEMORY_SHORT', row: { disposition: 'wait' } });
  expect(begun).toEqual([]);
});

it('what was let in a moment ago counts, until the system’s own figure shows it', async () => {
  const { admission, clock } = open(2 * gigabyte);
  void admission.within(gigabyte, never);
  await Promise.resolve();
  await expect(admission.within(gigabyte, async () => 1)).rejects.toMatchObject({ code: 'MEMORY_SHORT' });
  clock.ms = 10_001;
  await expect(admission.within(gigabyte, async () => 1)).resolves.toBe(1);
});

it('what has ended counts no more, well or badly', async () => {
  const { admission } = open(2 * gigabyte);
  await admission.within(gigabyte, async () => 1);
  await admission.within(gigabyte, () => Promise.reject(new Error('no'))).catch(() => undefined);
  await expect(admission.within(gigabyte, async () => 2)).resolves.toBe(2);
});
