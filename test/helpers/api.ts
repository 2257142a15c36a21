import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { CutroomError } from '#contracts/errors';
import type { Media } from '#contracts/job';
import { createMemoryStorage } from '#storage/memory';
import { buildApp } from '../../apps/api/app.ts';
import type { ApiDeps } from '../../apps/api/deps.ts';
import { createFakeEngine } from './fake-engine.ts';
import { createFakeWebhooks } from './fake-webhooks.ts';

export const talk: Media = {
  duration_s: 10,
  container: 'mp4',
  video: { codec: 'h264', width: 1280, height: 720, fps: '24/1', rotation: 0, pix_fmt: 'yuv420p', hdr: false, interlaced: false },
  audio: { codec: 'aac', sample_rate: 48_000, channels: 2, tracks: 1 },
};

export type TestApi = Awaited<ReturnType<typeof startApi>>;

/** The application over a fake engine. A file that begins with `video` is footage, with `sound` is sound only, else unusable. */
export async function startApi(change: Partial<ApiDeps> = {}) {
  const uploadDir = await mkdtemp(join(tmpdir(), 'cutroom-api-'));
  const engine = createFakeEngine();
  const storage = createMemoryStorage();
  const deps: ApiDeps = {
    engine,
    storage,
    redis: null,
    webhooks: createFakeWebhooks(),
    queues: { list: async () => [], pause: async () => undefined, resume: async () => undefined, handles: () => [] },
    metrics: {
      observeRequest: () => undefined,
      render: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'cutroom_up 1\n' }),
    },
    log: pino({ level: 'silent' }),
    limits: { maxUploadBytes: 100_000, tenantQuotaBytes: null, retentionDays: 30, createsPerMinute: null, minFreeShare: 0 },
    adminKey: null,
    uploadDir,
    version: '0.0.0',
    serveMetrics: true,
    inspect,
    checkTranscript: (transcript) => {
      if ('srt' in transcript && !transcript.srt.includes('-->')) throw new CutroomError('TRANSCRIPT_UNREADABLE', 'No cue was found.');
    },
    checkUrl: async (url) => {
      if (url.includes('127.0.0.1')) throw new CutroomError('URL_NOT_ALLOWED', 'That address is not public.');
    },
    download: async () => {
      throw new CutroomError('URL_UNREACHABLE', 'Nobody answers there.');
    },
    admission: () => null,
    readiness: async () => [{ name: 'redis', ready: true }],
    stats: async () => ({}),
    ai: null,
    research: null,
    machine: async () => ({
      cpus: 2,
      memory_total_bytes: 4e9,
      memory_available_bytes: 2e9,
      ffmpeg: '5.1',
      encoders: ['aac', 'libx264'],
      hardware: [],
    }),
    speedTrial: async () => ({ fast: 0.1, balanced: 0.2, high_quality: 0.6 }),
    ...change,
  };
  const app = await buildApp(deps);
  return {
    app,
    deps,
    engine,
    storage,
    uploadDir,
    filesLeft: () => readdir(uploadDir),
    async upload(bytes: Buffer | string = 'video', headers: Record<string, string> = {}) {
      return app.inject({ method: 'POST', url: '/v1/assets', ...multipart([{ name: 'file', filename: 'talk.mp4', bytes }], headers) });
    },
    async close() {
      await app.close();
      await storage.close();
      await removeForGood(uploadDir);
    },
  };
}

/** An upload whose caller hung up ends a moment after the application has closed, and may make its folder once more. */
async function removeForGood(folder: string): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet++) {
    await rm(folder, { recursive: true, force: true });
    await delay(30); // nothing tells when the last of them is through
    if (existsSync(folder)) quiet = -1;
  }
}

export interface Part {
  name: string;
  filename?: string;
  type?: string;
  bytes: Buffer | string;
}

const boundary = 'cutroom-test-boundary';

/** Payload and headers of a multipart request. */
export function multipart(parts: Part[], headers: Record<string, string> = {}) {
  const pieces = parts.flatMap(({ name, filename, type, bytes }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const kind = type ?? (filename === undefined ? null : 'application/octet-stream');
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${kind ? `Content-Type: ${kind}\r\n` : ''}\r\n`;
    return [Buffer.from(head), Buffer.from(bytes), Buffer.from('\r\n')];
  });
  const payload = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
  return {
    payload,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(payload.length), ...headers },
  };
}

async function inspect(path: string): Promise<Media> {
  const { readFile } = await import('node:fs/promises');
  const text = (await readFile(path)).subarray(0, 5).toString();
  if (text === 'video') return talk;
  if (text === 'sound') return { ...talk, video: null };
  if (text === 'quiet') return { ...talk, audio: null };
  throw new CutroomError('SOURCE_UNREADABLE', 'No stream was found.');
}
