import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AssetView, JobView } from '#contracts/job';
import { type Client, createClient } from '../helpers/client.ts';
import { type FakeHardware, makeFakeHardware } from '../helpers/fake-hardware.ts';
import { countFrames, decodeMessages, makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import '../helpers/scratch.ts';

let service: Service;
let client: Client;
let folder: string;
let hardware: FakeHardware;
let asset: AssetView;
const features = { thumbnails: false, preview: false, metadata: false, captions: false, interchange: false, smart_render: false } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-hardware-'));
  hardware = makeFakeHardware(folder);
  service = await startService({ separateWorkers: 1, env: { FFMPEG_PATH: hardware.path, CUTROOM_HARDWARE_SESSIONS: '1' } });
  client = createClient(service.url);
  asset = await client.upload(makeTalk(join(folder, 'talk.mp4'), { seconds: 110, size: '192x108', rate: '15' }));
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

it('pieces that the hardware gives up at random frames are made in software, beside those it makes, and the report says so', async () => {
  hardware.behave('sometimes');
  const job = await edit({ mode: 'fast' });
  await expectWhole(job);
  const { render } = await client.report(job.id);
  expect(render.encoder).toMatchObject({ name: 'h264_nvenc', hardware: true });
  expect(render.fallbacks.length).toBeGreaterThan(0);
  expect(render.fallbacks.length).toBeLessThan(render.chunks);
  expect(render.fallbacks.map(({ reason }) => reason).join()).toMatch(/h264_nvenc: (A piece has \d frames|The media tool ended with 187)/);
  expect(job.warnings.map(({ code }) => code)).toContain('HARDWARE_FALLBACK');
});

it('after three failures in a row a job leaves the hardware alone, and still ends well', async () => {
  hardware.behave('never');
  const before = hardware.calls();
  const job = await edit({ mode: 'balanced' });
  await expectWhole(job);
  const { render } = await client.report(job.id);
  expect(render.fallbacks).toHaveLength(render.chunks);
  expect(render.chunks).toBeGreaterThan(3);
  expect(hardware.calls() - before).toBe(3);
  expect(render.fallbacks.at(-1)?.reason).toContain('3 pieces failed in a row');
});

it('a job that does not want hardware does not touch it', async () => {
  const before = hardware.calls();
  const job = await edit({ output: { hardware: 'off' }, mode: 'fast' });
  expect((await client.report(job.id)).render.encoder).toMatchObject({ name: 'libx264', hardware: false });
  expect(hardware.calls()).toBe(before);
});

const edit = async (request: object) => client.ended((await client.create({ ...request, features, input: { asset_id: asset.id } })).id);

async function expectWhole(job: JobView): Promise<void> {
  expect(job.error).toBeNull();
  const path = join(folder, `${job.id}.mp4`);
  await client.save(job.id, 'video.mp4', path);
  const planned = (await client.plan(job.id)).keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);
  expect(countFrames(path)).toBe(planned);
  expect(decodeMessages(path)).toBe('');
}
