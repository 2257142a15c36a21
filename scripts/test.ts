/** `./run test [vitest arguments]`: the whole suite; the last line is `N passed, N failed`, and the exit code agrees with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const reportPath = '.runtime/test-report.json';
mkdirSync('.runtime', { recursive: true });
rmSync(reportPath, { force: true });

const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)];
const child = spawn(process.execPath, vitest, { stdio: 'inherit', env: ownEnvironment(process.env) });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [exitCode] = (await once(child, 'exit')) as [number | null];

const { passed, failed } = countTests(readReport());
// Something failed outside every test: a file that does not load, a process or a file left behind.
const outside = exitCode !== 0 && failed === 0 ? 1 : 0;
process.stdout.write(`${passed} passed, ${failed + outside} failed\n`);
process.exitCode = failed + outside === 0 ? 0 : 1;

/** The suite brings its own Redis, storage and provider: what a person has set for the service must not reach it. */
function ownEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(CUTROOM_|GEMINI_|REDIS_URL$|CACHE_REDIS_URL$|AWS_)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign.test(name)));
}

function readReport(): Report {
  try {
    return JSON.parse(readFileSync(reportPath, 'utf8')) as Report;
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

function countTests(report: Report): { passed: number; failed: number } {
  const unloadable = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloadable.length };
}
