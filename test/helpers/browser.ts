import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The browser of the system; none is ever downloaded. */
export const chromiumPath = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, name)))
  .find(existsSync);
export const whyNoBrowser = 'needs chromium on PATH (apt-get install chromium)';

/** Without the background switches it calls out at every start. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export const startBrowser = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath ?? '', headless: true, args });

export interface Watched {
  page: Page;
  /** What a careful visitor of the console would complain about: messages on its console, faults, dialogs, requests to elsewhere. */
  complaints: string[];
}

/** A page that notes everything that must not happen. Answers of 4xx that a test provokes are named in `expected`. */
export async function openPage(
  browser: Browser,
  { origin, width = 1280, expected = [] }: { origin: string; width?: number; expected?: number[] },
): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const complaints: string[] = [];
  const provoked = new RegExp(`status of (${expected.join('|') || 'none'}) `);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !provoked.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (asked !== origin && !['blob:', 'data:'].includes(protocol)) complaints.push(`request to ${request.url()}`);
  });
  return { page, complaints };
}
