/**
 * Second half of `./run`: resolves the tools and becomes the command. Imports nothing but Node and its own folder,
 * so that it also works when the packages are broken.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { argv, env, execPath, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { resolveTools } from './setup/tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const commands = {
  demo: { program: 'scripts/demo.ts' },
  serve: { program: 'scripts/launch.ts' },
  test: { program: 'scripts/test.ts', ownRedis: true },
  bench: { program: 'test/bench/main.ts', ownRedis: true },
  chaos: { program: 'test/chaos/main.ts', ownRedis: true },
};

const [name, ...rest] = argv.slice(2);
const flags = ['--no-install', '--yes'];
const command = commands[name];
try {
  const tools = await resolveTools({
    root,
    noInstall: rest.includes('--no-install'),
    assumeYes: rest.includes('--yes'),
    wantsRedis: command.ownRedis || !env.REDIS_URL,
  });
  start(command.program, { args: rest.filter((argument) => !flags.includes(argument)), tools });
} catch (error) {
  stderr.write(`run: ${error.message}\n`);
  exit(1);
}

/** Runs a TypeScript program with the tools in its environment; signals and the exit code pass through. */
function start(program, { args, tools }) {
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const environment = { ...env, FFMPEG_PATH: tools.ffmpeg.path, FFPROBE_PATH: tools.ffprobe.path };
  const child = spawn(execPath, ['--import', tsx, '--conditions=source', program, ...args], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => exit(signal ? 1 : code));
}
