import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '../helpers/client.ts';
import { descendsFrom, encodersOf, isKilled } from '../helpers/encoders.ts';
import { type Service, startService } from '../helpers/service.ts';
import { readTools } from '../helpers/tools.ts';
import { until } from '../helpers/until.ts';
import { all, type Finding, none } from './chaos.ts';
import { openJournal } from './journal.ts';
import type { Random } from './random.ts';

interface EncodePlan {
  encodes: number;
  workers: number;
  kills: number;
  random: Random;
}

/** Real jobs on the real programs; a worker dies while it encodes, again and again. What an orphan is, the kernel says. */
export async function killEncoders({ encodes, workers, kills, random }: EncodePlan): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-encodes-'));
  const journal = openJournal(join(folder, 'acknowledged'));
  const service = await startService({ separateWorkers: workers, env: { CUTROOM_LOG_LEVEL: 'warn' } });
  try {
    const client = createClient(service.url);
    const post = async (path: string) => {
      const { id } = await client.upload(path);
      journal.add((await client.create({ input: { asset_id: id }, ...leastWork })).id);
    };
    const posting = (async () => {
      for (const path of makeClips(folder, encodes)) await post(path);
    })();
    let orphans = 0;
    for (let kill = 0; kill < kills; kill++) orphans += await killOne(service, random);
    await posting;
    const ended = [];
    for (const id of journal.ids()) ended.push(await toEnd(client, service.url, id));
    return [
      all('encodes completed', encodes, ended.filter(({ status }) => status === 'completed').length),
      all('encodes with one film and one end', encodes, ended.filter(({ films, ends }) => films === 1 && ends === 1).length),
      none('ffmpegs that outlived their worker by 3 s', kills, orphans),
    ];
  } finally {
    await service.close();
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A cut, a film and its sound; everything that can be left out is. */
const leastWork = {
  mode: 'fast',
  quality: 'low',
  features: {
    ...Object.fromEntries(
      ['silence_removal', 'filler_removal', 'audio_enhance', 'loudness', 'captions', 'broll'].map((name) => [name, false]),
    ),
    ...Object.fromEntries(['thumbnails', 'metadata', 'clips', 'preview', 'interchange', 'smart_render'].map((name) => [name, false])),
  },
};

const clipS = 2;

/** Two seconds each, and no two alike: equal footage would be edited once. */
function makeClips(folder: string, count: number): string[] {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=192x108:r=15:d=${count * clipS}`];
  const sound = ['-f', 'lavfi', '-i', `anoisesrc=d=${count * clipS}:a=0.1:r=48000`];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-force_key_frames', `expr:gte(t,n_forced*${clipS})`, '-c:a', 'aac'];
  const pieces = ['-f', 'segment', '-segment_time', String(clipS), '-reset_timestamps', '1', join(folder, '%04d.mp4')];
  execFileSync(readTools().ffmpeg.path, ['-v', 'error', ...picture, ...sound, ...codecs, ...pieces]);
  const names = readdirSync(folder).filter((name) => name.endsWith('.mp4'));
  return names.slice(0, count).map((name) => join(folder, name));
}

/** Kills the worker that serves longest, in the middle of an encode; gives how many ffmpegs nobody owns 3 s later. */
async function killOne(service: Service, random: Random): Promise<number> {
  const scratch = join(service.dataDir, 'scratch');
  const victim = () => service.workerPids.slice(0, 1);
  await until(() => encodersOf(scratch).some((pid) => descendsFrom(pid, victim())), 60_000);
  await delay(random.integer(0, 300)); // any moment of it
  await service.killWorker('SIGKILL');
  const orphans = () => encodersOf(scratch).filter((pid) => !descendsFrom(pid, service.workerPids) && !isKilled(pid));
  const replaced = service.startWorker();
  await until(() => orphans().length === 0, 3_000).catch(() => {});
  const left = orphans().length;
  await replaced;
  return left;
}

async function toEnd(client: Client, url: string, id: string) {
  const { status, outputs } = await client.ended(id);
  const history = (await (await fetch(`${url}/v1/jobs/${id}/events`)).json()) as { data: { type: string }[] };
  const ends = history.data.filter(({ type }) => /^job\.(completed|failed|cancelled)$/.test(type)).length;
  return { status, ends, films: outputs.filter(({ name }) => name === 'video.mp4').length };
}
