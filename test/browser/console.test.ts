import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contracts/job';
import type { EditPlan } from '#contracts/plan';
import { listDecisions, turnDecisions } from '../../apps/console/plan-edit.ts';
import { findBarriers } from '../helpers/accessibility.ts';
import { chromiumPath, openPage, startBrowser, whyNoBrowser } from '../helpers/browser.ts';
import { createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';

const hostileName = '<img src=x onerror=alert(1)>.mp4';
const transcript = ['1', '00:00:00,200 --> 00:00:02,900', 'Before the pause <b>bold</b>', ''].join('\n');
const waits = { timeout: 90_000 };

describe.skipIf(!chromiumPath)(`the console in a browser (${whyNoBrowser})`, () => {
  let service: Service;
  let browser: Browser;
  let folder: string;
  let film: string;
  let id = '';
  const at = (route: string) => `${service.url}/console/#${route}`;
  const jobOf = (page: Page) => page.waitForURL(/#\/jobs\/job_\w+$/, waits).then(() => page.url().split('/').at(-1) ?? '');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cutroom-console-'));
    film = makeTalk(join(folder, 'talk.mp4'), { seconds: 9, size: '320x180', rate: '15' });
    copyFileSync(film, join(folder, hostileName));
    writeFileSync(join(folder, 'talk.srt'), transcript);
    [service, browser] = await Promise.all([startService(), startBrowser()]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), service?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('footage is dropped in, its cost is told, and the job is followed to its end', async () => {
    const { page, complaints } = await openPage(browser, { origin: service.url });
    await page.goto(at('/new'));
    const start = page.getByRole('button', { name: 'Start the edit' });
    expect(await start.isDisabled()).toBe(true);
    await page.getByLabel('Choose a recording').setInputFiles(join(folder, hostileName));
    await page.getByLabel('Transcript').setInputFiles(join(folder, 'talk.srt'));
    await page.getByLabel('Picture').selectOption('low');
    await page.getByLabel('Care').selectOption('fast');
    await page.getByText('video.mp4').waitFor(waits);
    expect(await page.getByLabel('Estimate').textContent()).toMatch(/about \d/);
    await start.click();
    id = await jobOf(page);
    await page.getByText('Completed', { exact: true }).waitFor(waits);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(hostileName);
    await page.getByRole('link', { name: 'video.mp4' }).waitFor();
    await expect.poll(() => page.evaluate("document.querySelector('video').duration"), waits).toBeGreaterThan(3);
    expect(await page.getByText('True peak').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Take this one' }).first().click();
    await page.getByText('Taken', { exact: true }).waitFor(waits);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a cut is turned round with the keyboard and saved as the next revision, which keeps what was cut', async () => {
    const client = createClient(service.url);
    const before = await client.plan(id);
    const { page, complaints } = await openPage(browser, { origin: service.url });
    await page.goto(at(`/jobs/${id}/plan`));
    const first = page.getByRole('switch').first();
    await first.focus();
    expect(await first.getAttribute('aria-checked')).toBe('true');
    await page.keyboard.press('Space');
    await expect.poll(() => first.getAttribute('aria-checked')).toBe('false');
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('switch');
    await page.getByRole('button', { name: 'Save as revision 2' }).click();
    expect(await jobOf(page)).toBe(id);
    await page.getByText('Revision 2', { exact: true }).waitFor(waits);
    await page.getByText('Completed', { exact: true }).waitFor(waits);
    const after = await client.plan(id);
    expect([after.revision, after.by, after.cuts.length]).toEqual([2, 'person', before.cuts.length - 1]);
    expect(after.uncertain).toContainEqual({ ...before.cuts[0], note: 'Kept by a reviewer.' });
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('somebody else who was faster is told kindly, and the change is carried over to their plan', async () => {
    const client = createClient(service.url);
    const { page, complaints } = await openPage(browser, { origin: service.url, expected: [412] });
    await page.goto(at(`/jobs/${id}/plan`));
    await page.getByRole('switch').nth(1).click();
    await revise(service.url, id);
    await until(() => client.job(id), 'completed');
    await page.getByRole('button', { name: 'Save as revision 3' }).click();
    await page.getByText('was saved by somebody else meanwhile').waitFor(waits);
    expect(await page.getByText('1 change not saved').isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Save as revision 4' }).isEnabled()).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a plan that waits for review is approved, and a job that is cancelled can be retried', async () => {
    const client = createClient(service.url);
    const asset = await client.upload(film);
    const job = await client.create({ input: { asset_id: asset.id }, review: true, quality: 'low', mode: 'fast' });
    const { page, complaints } = await openPage(browser, { origin: service.url });
    await page.goto(at(`/jobs/${job.id}`));
    await page.getByText('Awaiting review', { exact: true }).waitFor(waits);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Retry' }).waitFor(waits);
    expect((await client.job(job.id)).status).toBe('cancelled');

    const second = await client.create({ input: { asset_id: asset.id }, review: true, quality: 'low', mode: 'fast' });
    await page.goto(at(`/jobs/${second.id}/plan`));
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await jobOf(page)).toBe(second.id);
    await page.getByText('Completed', { exact: true }).waitFor(waits);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each([
    ['light', 1600],
    ['light', 380],
    ['dark', 1280],
  ] as const)('every page can be read and used by everybody: %s, %i wide', async (colorScheme, width) => {
    const { page, complaints } = await openPage(browser, { origin: service.url, width });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const [route, sign] of [
      ['/jobs', hostileName],
      ['/new', 'Start the edit'],
      [`/jobs/${id}`, 'True peak'],
      [`/jobs/${id}/plan`, 'Decisions'],
      ['/system', 'Oldest wait'],
    ] as const) {
      await page.goto(at(route));
      await page.getByText(sign).first().waitFor(waits);
      expect([route, await page.evaluate(findBarriers)]).toEqual([route, []]);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('what the service refuses is shown in its words', async () => {
    const { page, complaints } = await openPage(browser, { origin: service.url, expected: [404, 422] });
    await page.goto(at('/jobs/job_01ARZ3NDEKTSV4RRFFQ69G5FAV'));
    await page.getByRole('alert').waitFor(waits);
    expect(await page.getByRole('alert').textContent()).toContain('There is no such resource');
    writeFileSync(join(folder, 'letter.mp4'), 'Dear editor,');
    await page.goto(at('/new'));
    await page.getByLabel('Choose a recording').setInputFiles(join(folder, 'letter.mp4'));
    await page.getByText('SOURCE_UNREADABLE').waitFor(waits);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

/** Turns the last decision round, as another reviewer would. */
async function revise(url: string, id: string): Promise<void> {
  const answer = await fetch(`${url}/v1/jobs/${id}/plan`);
  const headers = { 'content-type': 'application/json', 'if-match': answer.headers.get('etag') ?? '' };
  const plan = (await answer.json()) as EditPlan;
  const body = JSON.stringify(turnDecisions(plan, new Set([listDecisions(plan).at(-1)?.id ?? ''])));
  const { status } = await fetch(`${url}/v1/jobs/${id}/plan`, { method: 'PUT', headers, body });
  expect(status).toBe(202);
}

async function until(look: () => Promise<JobView>, status: JobView['status']): Promise<void> {
  await expect.poll(async () => (await look()).status, { timeout: 60_000, interval: 200 }).toBe(status);
}
