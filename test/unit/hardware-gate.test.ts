import { expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { createHardwareGate } from '#media/render/hardware-gate';

const job = { id: 'job_1', insists: false, signal: new AbortController().signal };
const fail = () => Promise.reject(new CutroomError('TOOL_FAILED', 'no'));
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

it('no more encodes run at once than there are sessions', async () => {
  const told: number[] = [];
  const gate = createHardwareGate(2, (sessions) => told.push(sessions));
  let [running, most] = [0, 0];
  const encode = async () => {
    most = Math.max(most, ++running);
    await tick();
    running--;
    return 'made';
  };
  const made = await Promise.all(Array.from({ length: 7 }, () => gate.within(job, encode)));
  expect([most, made]).toEqual([2, Array(7).fill('made')]);
  expect([Math.max(...told), told.at(-1)]).toEqual([2, 0]);
});

it('three failures in a row end the use for that job alone, one success between them does not', async () => {
  const gate = createHardwareGate(1);
  const tryAll = async (...uses: (() => Promise<unknown>)[]) => {
    for (const use of uses) await gate.within(job, use).catch(() => undefined);
  };
  await tryAll(fail, fail, async () => 'made', fail, fail);
  expect(gate.refusal(job.id)).toBeNull();
  await tryAll(fail);
  expect(gate.refusal(job.id)).toContain('3 pieces');
  expect(gate.refusal('job_2')).toBeNull();
});

it('who waited for a session while the job lost faith is turned away, unless nothing else will do', async () => {
  const gate = createHardwareGate(1);
  const failing = Promise.allSettled([fail, fail, fail].map((use) => gate.within(job, use)));
  const late = gate.within(job, async () => 'made');
  const insisting = gate.within({ ...job, insists: true }, async () => 'made');
  await failing;
  expect([await late, await insisting]).toEqual([null, 'made']);
});

it('who is aborted while waiting leaves the line and costs no session', async () => {
  const gate = createHardwareGate(1);
  const controller = new AbortController();
  const first = gate.within(job, tick);
  const waiting = gate.within({ ...job, signal: controller.signal }, async () => 'made');
  controller.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
  await first;
  await expect(gate.within(job, async () => 'next')).resolves.toBe('next');
});
