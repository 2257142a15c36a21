/**
 * Second half of `./run`: resolves the tools and becomes the command. Imports nothing but Node and its own folder,
 * so that it also works when the packages are broken.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit, stderr } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuilt } from './setup/build.mjs';
import { resolveTools } from './setup/tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is built runs right here, on plain node; what only developers run starts as TypeScript in a process of its own. */
const commands = {
  demo: { built: 'demo' },
  serve: { built: 'launch' },
  test: { built: 'test', ownRedis: true },
  bench: { source: 'test/bench/main.ts', ownRedis: true },
  chaos: { source: 'test/chaos/main.ts', ownRedis: true },
};
const flags = ['--no-install', '--yes'];

const [name, ...rest] = argv.slice(2);
try {
  const { built, source, ownRedis } = commands[name];
  const wantsRedis = ownRedis || !env.REDIS_URL;
  const tools = await resolveTools({ root, wantsRedis, noInstall: rest.includes('--no-install'), assumeYes: rest.includes('--yes') });
  ensureBuilt(root);
  env.FFMPEG_PATH = tools.ffmpeg.path;
  env.FFPROBE_PATH = tools.ffprobe.path;
  const args = rest.filter((argument) => !flags.includes(argument));
  process.chdir(root);
  if (source) startSource(source, args);
  else await startBuilt(built, args);
} catch (error) {
  stderr.write(`run: ${error.message}\n`);
  exit(1);
}

async function startBuilt(program, args) {
  argv.splice(1, argv.length, join(root, `dist/scripts/${program}.js`), ...args);
  await import(pathToFileURL(argv[1]).href);
}

/** Signals and the exit code pass through. */
function startSource(program, args) {
  if (!existsSync(program)) throw new Error(`${program} does not exist yet.`);
  const child = spawn(execPath, ['--import', import.meta.resolve('tsx'), '--conditions=source', program, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => exit(signal ? 1 : code));
}
