import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import createFluent, { type FfmpegCommand } from 'fluent-ffmpeg';
import { type Capabilities, parseCapabilities } from './capabilities.ts';
import {
  buildInputOptions,
  buildOutputOptions,
  buildProbeOptions,
  defaultLimits,
  type MediaCommand,
  type MediaLimits,
  toInputUrl,
} from './command.ts';
import { checkArguments } from './guard.ts';
import type { Progress } from './progress.ts';
import { toRunFailure } from './run-failure.ts';
import { buildLauncher, findExecutable, findSandbox, type Sandbox } from './sandbox.ts';
import { createSink } from './sink.ts';
import { type ProcessEnd, superviseProcess } from './supervise.ts';

export type { MediaCommand, MediaInput, MediaLimits, MediaOutput } from './command.ts';

export interface RunOptions {
  /** The attempt's private folder; every output name is inside it. */
  cwd: string;
  signal: AbortSignal;
  limits?: Partial<MediaLimits>;
  onProgress?: (progress: Progress) => void;
  /** Takes the bytes of `pipe:1`; a returned promise holds ffmpeg back. A throw ends the run with that error. */
  onStdout?: (chunk: Buffer) => void | Promise<void>;
}

export interface MediaRun {
  /** The last 64 KB, without progress lines. */
  stderr: string;
  wallS: number;
  cpuS: number;
  peakMemoryBytes: number;
}

export interface ProbeOptions {
  cwd: string;
  signal: AbortSignal;
  /** Default 30 s. */
  timeoutMs?: number;
}

/** The one way to start ffmpeg and ffprobe. */
export interface MediaTools {
  /** Resolves after the process is gone; rejects with the signal's reason, or a CutroomError holding the tail of stderr. */
  run(command: MediaCommand, options: RunOptions): Promise<MediaRun>;
  /** ffprobe's answer as parsed JSON; `-of json`, the whitelists and the input are added to `args`. */
  probe(input: { args: string[]; path: string }, options: ProbeOptions): Promise<unknown>;
  /** ffprobe with its own `-of`; each line of stdout as it comes. */
  probeLines(input: { args: string[]; path: string }, options: ProbeOptions & { onLine: (line: string) => void }): Promise<void>;
  capabilities: Capabilities;
  fonts: { dir: string; regular: string; bold: string };
}

interface Launch {
  ffmpeg: string;
  ffprobe: string;
  sandbox: Sandbox;
}

/** Finds the tools (`ffmpeg` may be a plain name on PATH), reads what they can do, and gives the value every stage works with. */
export async function createMediaTools(paths: { ffmpeg: string; ffprobe: string; searchPath?: string }): Promise<MediaTools> {
  const searchPath = paths.searchPath ?? '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/bin';
  const sandbox = findSandbox(searchPath);
  const launch = { ffmpeg: resolveTool(paths.ffmpeg, searchPath), ffprobe: resolveTool(paths.ffprobe, searchPath), sandbox };
  return {
    run: (command, options) => runCommand(launch, command, options),
    probe: async (input, options) => {
      const chunks: Buffer[] = [];
      await runProbe(
        launch,
        { ...input, args: [...input.args, '-of', 'json'] },
        { ...options, onStdout: (chunk) => void chunks.push(chunk) },
      );
      return JSON.parse(Buffer.concat(chunks).toString('utf8'));
    },
    probeLines: (input, options) => runProbe(launch, input, { ...options, onStdout: toLines(options.onLine) }),
    capabilities: await detectCapabilities(launch),
    fonts: findFonts(),
  };
}

async function runCommand(launch: Launch, command: MediaCommand, options: RunOptions): Promise<MediaRun> {
  options.signal.throwIfAborted();
  const limits = { ...defaultLimits, ...options.limits };
  const sink = createSink(options.onStdout ?? (() => {}), limits.outputBytes);
  const fluent = buildFluent(command, { limits, cwd: options.cwd, stdout: sink.stream });
  const argv = fluent._getArguments();
  checkArguments(
    argv,
    command.outputs.map((output) => output.path),
  );
  const launcher = buildLauncher(launch.sandbox, limits);
  const globals = ['-nostdin', '-hide_banner', '-v', command.verbose ? 'info' : 'error', '-progress', 'pipe:2', '-nostats'];
  const child = await startFluent(fluent, [...launcher, launch.ffmpeg, ...globals, ...argv]);
  const end = await superviseProcess(child, { limits, signal: options.signal, consumer: sink.failed, onProgress: options.onProgress });
  if (command.outputs.some((output) => output.path === 'pipe:1')) await sink.finished;
  if (end.stopped === 'consumer') await sink.failed;
  return finish(end, limits, options.signal);
}

function finish(end: ProcessEnd, limits: MediaLimits, signal: AbortSignal): MediaRun {
  if (end.stopped === 'abort') throw signal.reason;
  const failure = toRunFailure(end, limits);
  if (failure) throw failure;
  return { stderr: end.stderr, wallS: end.wallS, cpuS: end.cpuS, peakMemoryBytes: end.peakMemoryBytes };
}

interface FluentContext {
  limits: MediaLimits;
  cwd: string;
  stdout: Writable;
}

/** fluent-ffmpeg splits a lone option that holds one space; lists of two and more, given as arguments, stay whole. */
function buildFluent(command: MediaCommand, { limits, cwd, stdout }: FluentContext): FfmpegCommand {
  const fluent = createFluent({ cwd, stdoutLines: 1 });
  for (const input of command.inputs) fluent.input(toInputUrl(input)).inputOptions(...buildInputOptions(input, limits));
  if (command.filterGraph !== undefined) fluent.complexFilter(command.filterGraph);
  for (const output of command.outputs) {
    if (output.path === 'pipe:1') fluent.output(stdout);
    else fluent.output(output.path);
    fluent.outputOptions(...buildOutputOptions(output, limits));
  }
  return fluent;
}

/**
 * Starts the process through fluent-ffmpeg, with its own look-ups replaced: the capability check fails on ffmpeg 7,
 * listing encoders and finding the binary would start unconfined processes, and the argv begins with our launcher.
 */
function startFluent(fluent: FfmpegCommand, argv: readonly string[]): Promise<ChildProcess> {
  const [program, ...words] = argv;
  Object.assign(fluent, {
    _checkCapabilities: (done: () => void) => done(),
    availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
    _getFfmpegPath: (done: (error: null, path: string) => void) => done(null, program!),
    _getArguments: () => words,
  });
  return new Promise((resolve, reject) => {
    fluent.on('error', reject);
    fluent.once('start', () => resolve((fluent as FfmpegCommand & { ffmpegProc: ChildProcess }).ffmpegProc));
    fluent.run();
  });
}

interface ProbeRun extends ProbeOptions {
  onStdout: (chunk: Buffer) => void;
}

/** An hour at 60 fps is 7 MB of packet lines. */
const maxProbeBytes = 256 * 2 ** 20;

async function runProbe(launch: Launch, input: { args: string[]; path: string }, options: ProbeRun): Promise<void> {
  options.signal.throwIfAborted();
  const limits = { ...defaultLimits, wallS: (options.timeoutMs ?? 30_000) / 1000, outputBytes: maxProbeBytes };
  const source = ['-v', 'error', ...input.args, ...buildProbeOptions(limits), '-i', `file:${input.path}`];
  await runTool(launch, [launch.ffprobe, '-hide_banner', ...source], { ...options, limits });
}

async function runTool(launch: Launch, argv: string[], options: ProbeRun & { limits: MediaLimits }): Promise<void> {
  const [program, ...words] = [...buildLauncher(launch.sandbox, options.limits), ...argv];
  const child = spawn(program!, words, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const sink = createSink(options.onStdout, options.limits.outputBytes);
  child.stdout.pipe(sink.stream);
  const end = await superviseProcess(child, { ...options, consumer: sink.failed });
  await sink.finished;
  if (end.stopped === 'consumer') await sink.failed;
  finish(end, options.limits, options.signal);
}

async function detectCapabilities(launch: Launch): Promise<Capabilities> {
  const read = async (option: string) => {
    const chunks: Buffer[] = [];
    const options = { cwd: tmpdir(), signal: AbortSignal.timeout(20_000), limits: defaultLimits };
    await runTool(launch, [launch.ffmpeg, '-hide_banner', option], { ...options, onStdout: (chunk) => void chunks.push(chunk) });
    return Buffer.concat(chunks).toString('utf8');
  };
  const [version, filters, encoders] = await Promise.all([read('-version'), read('-filters'), read('-encoders')]);
  return parseCapabilities({ version, filters, encoders }, launch.sandbox.missing);
}

function resolveTool(nameOrPath: string, searchPath: string): string {
  if (nameOrPath.includes('/')) return nameOrPath;
  const found = findExecutable(nameOrPath, searchPath);
  if (found === null) throw new Error(`${nameOrPath} was not found on ${searchPath}`);
  return found;
}

function findFonts(): MediaTools['fonts'] {
  const regular = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
  const dir = dirname(regular);
  return { dir, regular, bold: join(dir, 'DejaVuSans-Bold.ttf') };
}

function toLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
