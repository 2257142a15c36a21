import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../../scripts/setup/build.mjs';
import { root } from '../helpers/tools.ts';

/** Programs as small as the contract with them: what is tested here is who starts, restarts and ends them. */
const api = `import { createServer } from 'node:http';
  import { appendFileSync } from 'node:fs';
  const server = createServer((request, response) => response.writeHead(200).end('ok'));
  server.listen(Number(process.env.CUTROOM_PORT), '127.0.0.1', () => {
    appendFileSync('events', 'api ' + process.pid + ' ' + server.address().port + ' ' + (process.env.REDIS_URL ? 'redis' : 'none') + '\\n');
    console.log('{"msg":"a log line of the API"}');
    console.log('cutroom listening http://127.0.0.1:' + server.address().port);
  });
  process.on('SIGTERM', () => { appendFileSync('events', 'api drained\\n'); process.exit(0); });`;
const worker = `import { appendFileSync } from 'node:fs';
  import { connect } from 'node:net';
  const redis = new URL(process.env.REDIS_URL);
  appendFileSync('events', 'worker ' + process.pid + ' port ' + process.env.CUTROOM_PORT + '\\n');
  console.log('cutroom worker ready');
  setInterval(() => {}, 1000);
  process.on('SIGTERM', () => connect(Number(redis.port), redis.hostname)
    .once('connect', () => { appendFileSync('events', 'worker drained with Redis\\n'); process.exit(0); })
    .once('error', () => { appendFileSync('events', 'worker drained without Redis\\n'); process.exit(0); }));`;

let folder: string;
const children: ChildProcess[] = [];

beforeAll(() => void ensureBuilt(root));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-launch-'));
  for (const name of ['api', 'worker']) mkdirSync(join(folder, 'dist/apps', name), { recursive: true });
  mkdirSync(join(folder, '.runtime'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  cpSync(join(root, '.runtime/tools.json'), join(folder, '.runtime/tools.json'));
  writePrograms({ api, worker });
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

function writePrograms(programs: Record<string, string>): void {
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, 'dist/apps', name, 'main.js'), text);
}

function launch(env: Record<string, string> = {}) {
  const environment = { ...process.env, CUTROOM_PORT: '0', ...env };
  const child = spawn(process.execPath, [join(root, 'dist/scripts/launch.js')], { cwd: folder, env: environment });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const ready = vi.waitUntil(() => /^cutroom ready (http\S+)\n/.exec(output.stdout)?.[1], { timeout: 15_000 });
  return { child, output, ready, exited: once(child, 'close') };
}

const events = () => readFileSync(join(folder, 'events'), 'utf8').trim().split('\n');
const pidOf = (name: string) => Number(new RegExp(`${name} (\\d+)(?!.*\\n${name} )`).exec(events().join('\n'))![1]);
const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('./run serve', () => {
  test('says that it is ready once, keeps logs off stdout, and drains the programs before Redis', async () => {
    const { child, output, ready, exited } = launch();
    const url = await ready;
    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    expect(output.stdout).toBe(`cutroom ready ${url}\n`);
    expect(output.stderr).toContain('a log line of the API');
    expect(events().slice(2).sort()).toEqual(['api drained', 'worker drained with Redis']);
    expect(events()).toContainEqual(expect.stringMatching(/^worker \d+ port 0$/));
  });

  test('starts a crashed worker again, and a crashed API on the port it had', async () => {
    const { ready, output } = launch();
    const url = await ready;
    process.kill(pidOf('worker'), 'SIGKILL');
    process.kill(pidOf('api'), 'SIGKILL');
    await vi.waitUntil(() => events().length === 4, { timeout: 5_000 });
    await vi.waitFor(async () => expect((await fetch(url)).status).toBe(200), { timeout: 5_000 });
    expect(output.stderr).toContain('ended by itself');
  });

  test('takes everything with it when it is killed', async () => {
    const { child, ready } = launch();
    await ready;
    const redis = JSON.parse(readFileSync(join(folder, 'data/redis/owner.json'), 'utf8')) as { pid: number };
    const pids = [pidOf('api'), pidOf('worker'), redis.pid]; // before the programs write down that they end
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(pids.filter((pid) => !isGone(pid))).toEqual([]), { timeout: 5_000 });
  });

  test('ends with code 1 and leaves nothing when a program cannot start', async () => {
    writePrograms({ worker: 'console.error("cannot work"); process.exit(3);' });
    const { output, exited } = launch();
    expect((await exited)[0]).toBe(1);
    expect(output.stderr).toContain('cannot work');
    expect(output.stderr).toMatch(/worker\/main.js ended before it was ready \(exit 3\)/);
    expect(output.stdout).toBe('');
  });

  test('names every bad setting at once and starts nothing', async () => {
    const { output, exited } = launch({ CUTROOM_PORT: 'http', CUTROOM_POOLS: 'kitchen', CUTROOM_PROT: '1' });
    expect((await exited)[0]).toBe(1);
    for (const name of ['CUTROOM_PORT', 'CUTROOM_POOLS', 'CUTROOM_PROT']) expect(output.stderr).toContain(name);
  });
});
