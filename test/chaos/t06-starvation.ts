import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JobView } from '#contracts/job';
import { createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { startService } from '../helpers/service.ts';
import { root } from '../helpers/tools.ts';
import { all, atMost, type ChaosTest, type Finding, none, percentile } from './chaos.ts';
import { checkJobs } from './check.ts';
import { createRandom } from './random.ts';
import { startField } from './toy/field.ts';
import { paced } from './toy/paced.ts';

interface Counts {
  hogs: number;
  /** Real jobs at a time. */
  encodes: number;
  jobs: number;
  overMs: number;
  lockS: number;
}

/** Everybody else wants the processor: nobody may be taken for dead, and no event loop may stand still. */
export const t6: ChaosTest<Counts> = {
  title: 'starvation: busy loops beside encodes and jobs, with no worker dying',
  full: { hogs: 4, encodes: 2, jobs: 200, overMs: 300_000, lockS: 10 },

  async run({ hogs, encodes, jobs, overMs, lockS }, seed) {
    const random = createRandom(seed);
    const folder = mkdtempSync(join(tmpdir(), 'cutroom-starved-'));
    const delays = join(folder, 'delays');
    const watched = { NODE_OPTIONS: `--import=${pathToFileURL(join(root, 'test/chaos/loop-delay.mjs'))}`, LOOP_DELAYS: delays };
    const field = await startField({ workers: 2, env: { ...watched, CUTROOM_LOCK_SECONDS: String(lockS) } });
    const service = await startService({ env: { ...watched, CUTROOM_LOCK_SECONDS: String(lockS), CUTROOM_LOG_LEVEL: 'warn' } });
    const hungry: ChildProcess[] = [];
    let findings: Finding[] = [];
    try {
      const clips = Array.from({ length: 2 * encodes }, (_, index) =>
        makeTalk(join(folder, `${index}.mp4`), { seconds: 10, rate: String(24 + index) }),
      );
      hungry.push(...Array.from({ length: hogs }, () => startHog(overMs)));
      const untilMs = Date.now() + overMs;
      const edits = Array.from({ length: encodes }, (_, lane) => editUntil(untilMs, service.url, clips.slice(2 * lane, 2 * lane + 2)));
      await paced({ count: jobs, overMs }, () => field.post({ scenes: 2, ms: random.integer(200, 3_000) }));
      await field.allEnded(90_000);
      const ended = (await Promise.all(edits)).flat();
      const starts = field.ledger().filter(({ what }) => what === 'start');
      const nodes = new Set(starts.map(({ name }) => name)).size;
      findings = [
        ...(await checkJobs(field)),
        none('nodes begun again (false stalls)', nodes, starts.length - nodes),
        all('encodes completed', ended.length, ended.filter(({ status }) => status === 'completed').length),
        none('stages of encodes begun again (false stalls)', ended.length, ended.flatMap(({ stages }) => stages.filter(isRepeated)).length),
      ];
    } finally {
      for (const hog of hungry) hog.kill('SIGKILL');
      await Promise.all([field.close(), service.close()]);
    }
    const p99s = readDelays(delays);
    rmSync(folder, { recursive: true, force: true });
    return [...findings, atMost({ what: 'event-loop delay p99', count: p99s.length, value: percentile(p99s, 1), max: 200, unit: 'ms' })];
  },
};

/** Ends by itself, also when nobody is left to end it. */
const startHog = (ms: number): ChildProcess =>
  spawn(process.execPath, ['-e', `const end = Date.now() + ${ms}; while (Date.now() < end);`], { stdio: 'ignore' });

/** One job after the other; each time with other settings, so that nothing can be taken from before. */
async function editUntil(untilMs: number, url: string, clips: readonly string[]): Promise<JobView[]> {
  const client = createClient(url);
  const ended: JobView[] = [];
  while (Date.now() < untilMs) {
    const path = clips[ended.length % clips.length] as string;
    ended.push(await client.edit(path, { features: { silence_removal: { pad_ms: 50 + ended.length } } }));
  }
  return ended;
}

const isRepeated = ({ attempts }: JobView['stages'][number]): boolean => attempts > 1;

/** The programs alone: tools that they start for a moment have loops of their own. */
function readDelays(path: string): number[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const known = lines.map((line) => JSON.parse(line) as { program?: string; p99Ms: number });
  return known.filter(({ program = '' }) => /\/(main|worker)\.js$/.test(program)).map(({ p99Ms }) => p99Ms);
}
