/**
 * `./run demo [FILE] [--keep]`: the whole service, one video through all of it, and what came of it. Everything goes through the HTTP API,
 * so this file and `demo/client.ts` are also an example of how to use it.
 */

import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { JobView } from '#contracts/job';
import type { JobRequest } from '#contracts/request';
import { createMediaTools } from '#media/ffmpeg';
import { type Config, parseConfig } from '#runtime/config';
import { createLogger } from '#runtime/log';
import { type Client, createClient } from './demo/client.ts';
import { type Clip, makeTalkingClip } from './demo/clip.ts';
import { toFailure, toJobFailure } from './demo/failure.ts';
import { followJob } from './demo/progress.ts';
import { cutsSchema, reportSchema, toSummary } from './demo/summary.ts';
import { paint, toBytes, toDuration, toTerminal } from './demo/terminal.ts';
import { createStack } from './stack/stack.ts';

const { env, stdout, stderr } = process;
const arguments_ = process.argv.slice(2);
const keep = arguments_.includes('--keep');
const [file] = arguments_.filter((argument) => argument !== '--keep');
const terminal = toTerminal(stdout, env);
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());

try {
  process.exitCode = await demonstrate();
} catch (error) {
  if (!stopping.signal.aborted) stderr.write(`\n${toFailure(error, terminal)}\n`);
  process.exitCode = 1;
}

async function demonstrate(): Promise<number> {
  // A demo must not collide with a service on the usual port; one that stays should be found there.
  const environment = { ...env, CUTROOM_PORT: env['CUTROOM_PORT'] ?? (keep ? '8080' : '0') };
  const config = parseConfig(environment, { role: 'api', cwd: process.cwd() });
  const clip = await chooseClip(config);
  const logFile = join(config.dataDir, 'demo', 'service.log');
  mkdirSync(join(config.dataDir, 'demo'), { recursive: true });
  const logStream = createWriteStream(logFile);
  const stack = await createStack({
    root: process.cwd(),
    env: environment,
    config,
    log: createLogger({ level: config.logLevel, name: 'demo', destination: logStream }),
    onLog: (line) => void logStream.write(`${line}\n`),
    signal: stopping.signal,
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${lastLines(logFile)}`);
  });
  try {
    say('service', stack.url);
    const client = createClient({ url: stack.url, key: config.adminKey ?? undefined, signal: stopping.signal });
    const exitCode = await edit({ client, clip, config });
    if (exitCode !== 0) say('log', shown(logFile));
    if (stack.warning) line(paint(terminal, 'yellow', stack.warning));
    if (keep) await serveUntilStopped(stack.url);
    return exitCode;
  } finally {
    await stack.close();
  }
}

async function chooseClip(config: Config): Promise<Clip> {
  if (file !== undefined) {
    const path = resolve(env['INIT_CWD'] ?? '.', file);
    if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
    return { video: path, srt: null };
  }
  say('clip', 'a talking clip, made on this machine (give a FILE for your own)');
  const media = await createMediaTools({ ffmpeg: config.ffmpegPath, ffprobe: config.ffprobePath });
  return makeTalkingClip(media, { cacheDir: resolve('.runtime/demo'), signal: stopping.signal });
}

async function edit({ client, clip, config }: { client: Client; clip: Clip; config: Config }): Promise<number> {
  const asset = await client.upload(clip.video);
  const { video } = asset.media;
  const picture = video ? `, ${video.width}×${video.height}` : '';
  say('upload', `${asset.name}, ${toDuration(asset.media.duration_s)}${picture}, ${toBytes(asset.bytes)}`);
  const job = await client.createJob(toRequest(asset.id, clip));
  say('job', job.id);
  line('');
  const ended = await followJob(job.id, { client, terminal, write: (text) => void stdout.write(text), signal: stopping.signal });
  if (ended.status !== 'completed') {
    stderr.write(`\n${toJobFailure(ended, terminal)}\n`);
    return 1;
  }
  const folder = join(config.dataDir, 'demo', ended.id);
  await download({ client, job: ended, folder });
  const [report, plan] = await Promise.all([client.report(ended.id), client.plan(ended.id)]);
  const { cuts } = cutsSchema.parse(plan);
  for (const text of toSummary({ asset, job: ended, report: reportSchema.parse(report), folder: shown(folder), cuts }, terminal))
    line(text);
  return 0;
}

function toRequest(assetId: string, { srt }: Clip): JobRequest {
  const wishes = { content_type: 'educational', features: { captions: { burn: true }, clips: { count: 1 } } } as const;
  return { input: { asset_id: assetId }, ...wishes, ...(srt !== null && { transcript: { srt } }) };
}

async function download({ client, job, folder }: { client: Client; job: JobView; folder: string }): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const output of job.outputs) await client.download(output.url, join(folder, basename(output.name)));
}

async function serveUntilStopped(url: string): Promise<void> {
  line(`serving on ${url}  (docs at ${url}/docs; Ctrl-C stops)`);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
}

function say(name: string, text: string): void {
  line(`${name.padEnd(9)} ${text}`);
}

function line(text: string): void {
  stdout.write(`${text}\n`);
}

/** As a person here would type it. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

function lastLines(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').slice(-15).join('\n') : '';
}
