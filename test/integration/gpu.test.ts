import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { createHardwareGate } from '#media/render/hardware-gate';
import { renderPiece } from '#media/render/stand-in';
import { parseGpus, readGpus } from '#runtime/gpu';
import { createTelemetry } from '#runtime/telemetry';
import { createGpuWatch, createHardwareNotes } from '../../apps/worker/gpu.ts';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { readSource } from '../helpers/source-facts.ts';
import { framesOf, specFor } from '../helpers/specs.ts';

const keep = [{ start_frame: 3, end_frame: 20 }];
let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  await makeCounterClip(join(folder, 'source.mp4'), { fps: '30/1', frames: 30, encode: ['-c:v', 'libx264', '-preset', 'ultrafast'] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('figures of the cards', () => {
  const tell = (text: string) => {
    const path = join(folder, 'nvidia-smi');
    writeFileSync(path, `#!/bin/sh\n[ "$#" = 2 ] && printf '%s' '${text}'\n`);
    chmodSync(path, 0o755);
  };
  const searchPath = () => `${folder}:/usr/bin:/bin`;

  it('are what nvidia-smi tells, without those it does not know', async () => {
    tell('0, 37, 80, 1024\n1, [N/A], [N/A], 2\n');
    const { gpu, registry } = createTelemetry({ processMetrics: false });
    await createGpuWatch({ gpu, sessions: 3, searchPath: searchPath() })();
    const text = await registry.metrics();
    expect(text).toContain('cutroom_gpu_sessions{state="limit"} 3');
    expect(text).toContain('cutroom_gpu_utilization_ratio{gpu="0",unit="encoder"} 0.8');
    expect(text).not.toContain('cutroom_gpu_utilization_ratio{gpu="1"');
    expect(text).toContain(`cutroom_gpu_memory_used_bytes{gpu="1"} ${2 ** 21}`);
  });

  it('are none without nvidia-smi, and of a machine without hardware there is not a single one', async () => {
    expect(await readGpus(join(folder, 'nowhere'))).toBeNull();
    expect(parseGpus('\n')).toEqual([]);
    const samples = (await createTelemetry({ processMetrics: false }).registry.metrics()).match(/^cutroom_gpu_/gm);
    expect(samples).toBeNull();
  });
});

describe('pieces that hardware should make', () => {
  const encoder = { name: 'h264_nvenc', hardware: true, software: { name: 'libx264', preset: 'ultrafast', crf: 24 } };

  it('are made in software, and counted by reason, where the hardware fails, was given up or is not there', async () => {
    const { gpu, registry } = createTelemetry({ processMetrics: false });
    const notes = createHardwareNotes(gpu);
    const gate = createHardwareGate(1, notes.using);
    const source = await readSource(join(folder, 'source.mp4'));
    const render = async (hardware: string[]) => {
      const cwd = await mkdtemp(join(folder, 'piece-'));
      const job = { spec: specFor(source, keep, encoder), sourcePath: source.path, gate, notes, jobId: 'job_1' };
      return renderPiece({ ...job, tools: failing(hardware) }, { cwd, signal: new AbortController().signal });
    };
    const pieces = [];
    for (const hardware of [['h264_nvenc'], ['h264_nvenc'], ['h264_nvenc'], ['h264_nvenc'], []]) pieces.push(await render(hardware));
    expect(pieces.map(({ fallback }) => fallback)).toEqual([
      ...Array(3).fill('h264_nvenc: no session'),
      '3 pieces failed in a row',
      'h264_nvenc does not work here',
    ]);
    expect(await readCounter(pieces[0]!.path)).toEqual(framesOf(keep));
    const text = await registry.metrics();
    expect(text).toContain('cutroom_gpu_failures_total{encoder="h264_nvenc"} 3');
    for (const [reason, count] of [
      ['failed', 3],
      ['given_up', 1],
      ['missing', 1],
    ])
      expect(text).toContain(`cutroom_gpu_fallbacks_total{reason="${reason}"} ${count}`);
    expect(text).toContain('cutroom_gpu_sessions{state="in_use"} 0');
  });
});

/** A machine that lists these encoders, of which none encodes. */
function failing(hardware: string[]): MediaTools {
  const run: MediaTools['run'] = (command, options) => {
    if (!command.outputs.some((output) => output.options?.includes('h264_nvenc'))) return tools.run(command, options);
    return Promise.reject(new CutroomError('TOOL_FAILED', 'no session'));
  };
  return { ...tools, capabilities: { ...tools.capabilities, hardware: new Set(hardware) }, run };
}
