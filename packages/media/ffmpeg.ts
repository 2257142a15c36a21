import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import createFluent, { type FfmpegCommand } from 'fluent-ffmpeg';
import { detectCapabilities } from './capabilities.ts';
import { feedStdin } from './child/feed.ts';
import { checkArguments } from './child/guard.ts';
import { moveLongGraph } from './child/long-graph.ts';
import { parseOptionNames, spellOptions } from './child/option-names.ts';
import { checkOutputCaps } from './child/output-caps.ts';
import { toRunFailure } from './child/run-failure.ts';
import { buildLauncher, findExecutable, findSandbox, type Sandbox } from './child/sandbox.ts';
import { createSink, type Sink } from './child/sink.ts';
import { createCollector, createLineSplitter } from './child/stdout.ts';
import { type ProcessEnd, type Supervision, superviseProcess } from './child/supervise.ts';
import {
  buildInputOptions,
  buildOutputOptions,
  buildProbeOptions,
  defaultLimits,
  type MediaCommand,
  type MediaLimits,
  toInputUrl,
  toOutputUrl,
  usesStdout,
} from './command.ts';
import type { MediaRun, MediaTools, ProbeInput, ProbeOptions, RunOptions } from './media-tools.ts';
import { buildTrialCommand, hardwareLimits, listHardwareEncoders } from './render/hardware.ts';

export type { MediaCommand, MediaInput, MediaLimits, MediaOutput } from './command.ts';
export type { MediaRun, MediaTools, ProbeOptions, RunOptions } from './media-tools.ts';

interface Launch {
  ffmpeg: string;
  ffprobe: string;
  sandbox: Sandbox;
}

const standardPath = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/bin';

/**
 * The one way to start ffmpeg and ffprobe. Names without a slash are looked up on `searchPath`. Throws
 * CAPABILITY_MISSING when the build lacks what every job needs.
 */
export async function createMediaTools(paths: {
  ffmpeg: string;
  ffprobe: string;
  searchPath?: string;
  /** Also try every hardware encoder that is listed: some encodes of three frames, at most 10 s. */
  tryHardware?: boolean;
}): Promise<MediaTools> {
  const searchPath = paths.searchPath ?? standardPath;
  const sandbox = findSandbox(searchPath);
  const launch = { ffmpeg: resolveTool(paths.ffmpeg, searchPath), ffprobe: resolveTool(paths.ffprobe, searchPath), sandbox };
  const [capabilities, help] = await Promise.all([
    detectCapabilities((words) => readListing(launch, words), sandbox.missing),
    readListing(launch, ['-h', 'long']),
  ]);
  const build = { ...launch, version: capabilities.version, optionNames: parseOptionNames(help) };
  const hardware = paths.tryHardware ? await findWorkingHardware(build, capabilities.encoders) : capabilities.hardware;
  return {
    run: (command, options) => runCommand(build, command, options),
    probe: async (input, options) => {
      const output = createCollector();
      await runProbe(launch, { ...input, args: [...input.args, '-of', 'json'] }, { ...options, onStdout: output.add });
      return JSON.parse(output.text());
    },
    probeLines: (input, options) => runProbe(launch, input, { ...options, onStdout: createLineSplitter(options.onLine) }),
    capabilities: { ...capabilities, hardware },
    fonts: findFonts(),
  };
}

interface Build extends Launch {
  version: string;
  optionNames: ReadonlySet<string>;
}

const trialLimits = { ...hardwareLimits, wallS: 10, stallS: 10 };

async function findWorkingHardware(build: Build, encoders: ReadonlySet<string>): Promise<Set<string>> {
  const options = { cwd: tmpdir(), signal: AbortSignal.timeout(30_000), limits: trialLimits };
  const works = (name: string) =>
    runCommand(build, buildTrialCommand(name), options).then(
      () => true,
      () => false,
    );
  const tried = await Promise.all(listHardwareEncoders(encoders).map(async (name) => ((await works(name)) ? name : null)));
  return new Set(tried.filter((name) => name !== null));
}

async function runCommand(launch: Build, command: MediaCommand, options: RunOptions): Promise<MediaRun> {
  options.signal.throwIfAborted();
  const { cwd, signal, onProgress } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const sink = createSink(options.onStdout ?? (() => {}), limits.outputBytes);
  const fluent = buildFluent(command, { limits, cwd, stdout: sink.stream });
  const outputs = command.outputs.map(toOutputUrl);
  const argv = fluent._getArguments().map((word) => (word === 'pipe:1' ? outputs.find((url) => url.endsWith(word))! : word));
  checkArguments(argv, outputs);
  const words = await moveLongGraph(spellOptions(argv, launch.optionNames), { cwd, version: launch.version });
  const globals = ['-nostdin', '-hide_banner', '-v', toLogLevel(command), '-progress', 'pipe:2', '-nostats'];
  const child = await startFluent(fluent, [...buildLauncher(launch.sandbox, limits), launch.ffmpeg, ...globals, ...words]);
  const stdout = command.outputs.some(usesStdout) ? sink : null;
  const fed = options.stdin && feedStdin(child.stdin!, options.stdin);
  const run = await awaitEnd(child, { limits, signal, onProgress, sink: stdout, fed, command: ['ffmpeg', ...words] });
  await checkOutputCaps({ outputs: command.outputs, cwd, outTimeS: run.outTimeS, limits });
  return { stderr: run.stderr, wallS: run.wallS, cpuS: run.cpuS, peakMemoryBytes: run.peakMemoryBytes };
}

function toLogLevel({ verbose, warnings }: MediaCommand): string {
  if (verbose) return 'info';
  return warnings ? 'warning' : 'error';
}

interface Watched extends Supervision {
  limits: MediaLimits;
  sink: Sink | null;
  /** Rejects when the source of its stdin failed. */
  fed?: Promise<never> | undefined;
  command: string[];
}

/** Waits until the process is gone and its stdout is taken; throws the reason of whatever ended it before its time. */
async function awaitEnd(child: ChildProcess, { sink, fed, command, ...watch }: Watched): Promise<ProcessEnd> {
  const partner = Promise.race([sink?.failed, fed].filter((failure) => failure != null));
  const end = await superviseProcess(child, { ...watch, partner });
  await sink?.finished;
  if (end.stopped === 'abort') throw watch.signal.reason;
  if (end.stopped === 'partner') await partner;
  const failure = toRunFailure(end, { limits: watch.limits, command });
  if (failure) throw failure;
  return end;
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
    if (usesStdout(output)) fluent.output(stdout);
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

async function runProbe(launch: Launch, input: ProbeInput, options: ProbeRun): Promise<void> {
  options.signal.throwIfAborted();
  const limits = { ...defaultLimits, wallS: (options.timeoutMs ?? 30_000) / 1000, outputBytes: maxProbeBytes };
  const source = [...buildProbeOptions(limits), '-i', `file:${input.path}`];
  await runTool(launch, [launch.ffprobe, '-hide_banner', '-v', 'error', ...input.args, ...source], { ...options, limits });
}

async function runTool(launch: Launch, argv: string[], options: ProbeRun & { limits: MediaLimits }): Promise<void> {
  const [program, ...words] = [...buildLauncher(launch.sandbox, options.limits), ...argv];
  const child = spawn(program!, words, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const sink = createSink(options.onStdout, options.limits.outputBytes);
  child.stdout.pipe(sink.stream);
  await awaitEnd(child, { limits: options.limits, signal: options.signal, sink, command: argv });
}

async function readListing(launch: Launch, words: string[]): Promise<string> {
  const output = createCollector();
  const options = { cwd: tmpdir(), signal: AbortSignal.timeout(20_000), limits: defaultLimits, onStdout: output.add };
  await runTool(launch, [launch.ffmpeg, '-hide_banner', ...words], options);
  return output.text();
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
