import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { type Client, createClient } from '../helpers/client.ts';
import { countFrames, hasSharedMedia, sharedMedia } from '../helpers/footage.ts';
import { startService } from '../helpers/service.ts';
import { readTools, root } from '../helpers/tools.ts';
import type { BenchResult } from './judge.ts';

const folders = ['video', 'talk', 'derived', 'music', 'speech', 'noise', 'transcript', 'faces', 'bad'];
const notMedia = ['.json', '.py', '.md', '.txt', '.srt', '.vtt', '.ass', '.lab', '.TextGrid', '.bpm', '.beats', '.ttml', '.m3u8'];
const callers = 2;

interface Line {
  file: string;
  decodable: boolean;
  outcome: string;
  verdict: 'as promised' | 'broken promise';
}

/** Every real and hostile file through the whole service: a completed job whose frames are the planned ones, or a typed refusal. */
export async function benchCorpus(): Promise<BenchResult> {
  if (!hasSharedMedia) throw new Error('this benchmark needs ../shared/media');
  const service = await startService({ separateWorkers: 1, env: { CUTROOM_LOG_LEVEL: 'error' } });
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-corpus-'));
  const client = createClient(service.url);
  const files = listFiles();
  const lines: Line[] = [];
  try {
    const queue = [...files];
    const caller = async () => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        const line = await tryFile({ client, file, folder });
        process.stderr.write(`${lines.push(line)}/${files.length} ${line.file}: ${line.outcome}\n`);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
  writeTable(lines);
  const decodable = lines.filter((line) => line.decodable);
  return {
    figures: { broken_promises: { value: lines.filter(({ verdict }) => verdict !== 'as promised').length, atMost: 0, unit: 'files' } },
    facts: {
      files: lines.length,
      'decodable by ffprobe': decodable.length,
      'of these completed': decodable.filter(({ outcome }) => outcome.startsWith('completed')).length,
      'refused by type': lines.filter(({ outcome }) => /^[A-Z]/.test(outcome)).length,
      broken:
        lines
          .filter(({ verdict }) => verdict !== 'as promised')
          .map(({ file, outcome }) => `${file}: ${outcome}`)
          .join('; ') || 'none',
      table: 'test/bench/out/corpus.md',
    },
  };
}

/** The quick ones first. */
const listFiles = (): string[] =>
  folders
    .flatMap((name) =>
      readdirSync(join(sharedMedia, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !notMedia.includes(extname(entry.name)))
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .toSorted((a, b) => pixelsOf(a) - pixelsOf(b));

async function tryFile({ client, file, folder }: { client: Client; file: string; folder: string }): Promise<Line> {
  const outcome = await runFile({ client, file, folder }).catch((error: Error) => `error ${error.message}`);
  const verdict = outcome.startsWith('completed') || /^[A-Z][A-Z_]+$/.test(outcome) ? 'as promised' : 'broken promise';
  return { file: relative(sharedMedia, file), decodable: isDecodable(file), outcome, verdict };
}

async function runFile({ client, file, folder }: { client: Client; file: string; folder: string }): Promise<string> {
  const asset = await client.upload(file).catch((error: Error) => codeOf(error.message));
  if (typeof asset === 'string') return asset;
  const created = await client.post('/v1/jobs', { input: { asset_id: asset.id }, mode: 'fast', quality: 'low' });
  const answer = (await created.json()) as { id: string; code?: string };
  if (!created.ok) return answer.code ?? `status ${created.status}`;
  const job = await client.ended(answer.id);
  if (job.status !== 'completed') return job.error?.code === 'INTERNAL' ? 'error INTERNAL' : (job.error?.code ?? job.status);
  const path = join(folder, `${job.id}.mp4`);
  await client.save(job.id, 'video.mp4', path);
  const planned = (await client.plan(job.id)).keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);
  const frames = countFrames(path);
  rmSync(path);
  return frames === planned ? `completed, ${frames} frames` : `wrong: ${frames} frames, planned ${planned}`;
}

const codeOf = (message: string): string => /"code":"([A-Z_]+)"/.exec(message)?.[1] ?? `error ${message.slice(0, 200)}`;

/** Pixels to decode, as the headers tell; 0 where they tell nothing. */
const pixelsOf = memoise((file: string): number => {
  const entries = 'stream=width,height,avg_frame_rate:format=duration';
  const found = JSON.parse(probe(['-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', `file:${file}`]) || '{}') as Headers;
  const { width = 0, height = 0, avg_frame_rate = '0/1' } = found.streams?.[0] ?? {};
  const [num = 0, den = 1] = avg_frame_rate.split('/').map(Number);
  return width * height * (num / (den || 1)) * Math.min(86_400, Number(found.format?.duration ?? 0));
});

interface Headers {
  streams?: { width?: number; height?: number; avg_frame_rate?: string }[];
  format?: { duration?: string };
}

function memoise<T>(ask: (file: string) => T): (file: string) => T {
  const known = new Map<string, T>();
  return (file) => {
    if (!known.has(file)) known.set(file, ask(file));
    return known.get(file) as T;
  };
}

/** Plain ffprobe; empty when it fails. */
function probe(args: string[]): string {
  try {
    return execFileSync(readTools().ffprobe.path, ['-v', 'error', ...args], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

/** Whether plain ffprobe finds a picture or a sound that it can decode. */
const isDecodable = (file: string): boolean =>
  probe(['-read_intervals', '%+#2', '-show_entries', 'frame=media_type', '-of', 'csv=p=0', `file:${file}`]).trim() !== '';

function writeTable(lines: readonly Line[]): void {
  const rows = lines
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, decodable, outcome }) => `| ${file} | ${decodable ? 'yes' : 'no'} | ${outcome} |`);
  mkdirSync(join(root, 'test/bench/out'), { recursive: true });
  writeFileSync(join(root, 'test/bench/out/corpus.md'), ['| file | decodable | outcome |', '|---|---|---|', ...rows, ''].join('\n'));
}
