import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EditPlan, FrameRange } from '#contracts/plan';
import type { JobRequest } from '#contracts/request';
import { readTools } from '../helpers/tools.ts';
import type { BenchResult } from './judge.ts';
import { type Ground, onlyVideo, openGround, type Ran, reviseJob, runJob, runPlainOf } from './render-run.ts';
import { type Clip, makeFootage } from './sources.ts';

type Part = (ground: Ground) => Promise<BenchResult>;

/**
 * Rendering against one plain ffmpeg command that makes the same cuts with the same encoder settings, in one run. Two
 * minutes of footage by default; `full` = the lengths that were promised. `parts` = some of `all`; none named = every one.
 */
export async function benchRender({ full, parts }: { full: boolean; parts: readonly string[] }): Promise<BenchResult> {
  const unknown = parts.filter((name) => !(name in all));
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}; choose from ${Object.keys(all).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-bench-render-'));
  const ground = await openGround({ folder, full });
  try {
    const sum: BenchResult = { figures: {}, facts: { length: full ? 'as promised' : 'quick' } };
    for (const name of parts.length > 0 ? parts : Object.keys(all)) {
      const { figures, facts } = await (all[name] as Part)(ground);
      Object.assign(sum.figures, figures);
      Object.assign(sum.facts, facts);
    }
    return sum;
  } finally {
    await ground.service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A talk in full; then other sound, one moved cut, and no change at all. */
async function editTalk(ground: Ground): Promise<BenchResult> {
  const footage = makeFootage('talk', { seconds: ground.full ? 600 : 120, folder: ground.folder });
  const request = { features: { ...onlyVideo, smart_render: false } } as const;
  const first = await runJob(ground, footage, request);
  const plain = await runPlainOf(ground, footage, first);
  const louder = await runJob(ground, footage, { features: { ...request.features, loudness: { target_lufs: -20 } } });
  const whole = await runJob(ground, footage, { features: { smart_render: false } });
  const moved = await reviseJob(ground, whole.job.id, moveCut(whole.plan));
  const same = await reviseJob(ground, whole.job.id, moved.plan);
  const share = moved.job.usage.cpu_s / fullCpuS(whole, first);
  return {
    figures: {
      full_encode_ratio: { value: first.renderS / plain.wallS, atMost: 1.05, unit: '× plain ffmpeg' },
      audio_change_speedup: { value: plain.wallS / louder.wallS, atLeast: 20, unit: '× plain ffmpeg' },
      audio_change_pictures: { value: await differs(ground, first, louder), atMost: 0, unit: 'videos with other pictures' },
      moved_cut_pieces: { value: moved.report.render.chunks - moved.report.render.chunks_reused, atMost: 2, unit: 'pieces rendered' },
      ...(ground.full && {
        moved_cut_cpu_share: { value: share, atMost: 0.08, unit: 'of the first run' },
        moved_cut_wall: { value: moved.wallS, atMost: 10, unit: 's' },
      }),
      unchanged_plan_cpu: { value: same.job.usage.cpu_s, atMost: 0, unit: 's of CPU' },
      peak_memory_1080p: { value: Math.max(first.peakMb, whole.peakMb) / 1000, atMost: 2, unit: 'GB' },
    },
    facts: {
      'talk: source': footage.about,
      'talk: frames kept': `${first.report.render.frames} of ${first.plan.source.frames}`,
      'talk: render, whole job, plain (s)': [first.renderS, first.wallS, plain.wallS].map((value) => value.toFixed(2)).join(', '),
      'talk: job with other loudness (s)': louder.wallS.toFixed(2),
      'talk: moved cut (s, CPU s, share of the first run)': `${moved.wallS.toFixed(2)}, ${moved.job.usage.cpu_s.toFixed(1)}, ${share.toFixed(3)}`,
      'talk: moved cut, CPU by stage (s)': cpuByStage(moved),
      'talk: first run, CPU by stage (s)': cpuByStage(first),
    },
  };
}

/** The whole job took its pieces from the first one: what both spent is what one alone would have. */
const fullCpuS = (whole: Ran, first: Ran): number => whole.job.usage.cpu_s + first.job.usage.cpu_s;

/** The kept range in the middle ends ten frames sooner. */
function moveCut(plan: EditPlan): EditPlan {
  const middle = Math.floor(plan.keep.length / 2);
  const range = plan.keep[middle] as FrameRange;
  return { ...plan, keep: plan.keep.with(middle, { ...range, end_frame: Math.max(range.start_frame + 1, range.end_frame - 10) }) };
}

/** Kept ranges of a length of which this share lies in whole groups, against a plain encode of the same ranges. */
async function copyShare(ground: Ground, share: number, atLeast: number): Promise<BenchResult> {
  const footage = makeFootage('talk', { seconds: ground.full ? 600 : 120, folder: ground.folder });
  const base = await runJob(ground, footage, { features: { ...onlyVideo, smart_render: 'auto' } });
  const ran = await reviseJob(ground, base.job.id, { ...base.plan, keep: keepFor(share, base.plan.source.frames) });
  const plain = await runPlainOf(ground, footage, ran);
  const { copied_frames, frames } = ran.report.render;
  const name = `copied ${Math.round(share * 100)} %`;
  const facts = {
    [`${name}: copied`]: `${copied_frames} of ${frames} frames, ${JSON.stringify(ran.report.render.fallbacks)}`,
    [`${name}: render, plain (s)`]: `${ran.renderS.toFixed(2)}, ${plain.wallS.toFixed(2)}`,
  };
  if (copied_frames === 0) return { figures: {}, facts };
  const value = plain.wallS / ran.renderS;
  return { figures: { [`smart_${Math.round(share * 100)}_speedup`]: { value, atLeast, unit: '× plain re-encode' } }, facts };
}

/** Of L kept frames in groups of 30, L − 30 can be copied on average; ranges begin anywhere in a group. */
function keepFor(share: number, frames: number): FrameRange[] {
  const length = Math.round(30 / (1 - share));
  const step = length + 17;
  const count = Math.floor(frames / step);
  return Array.from({ length: count }, (_, index) => ({ start_frame: index * step, end_frame: index * step + length }));
}

/** Every default stage included. */
function wholeJob(input: {
  name: string;
  clip: Clip;
  /** Quick and promised length in seconds. */
  seconds: readonly [number, number];
  request: Omit<JobRequest, 'input'>;
  atMost: number;
  promised: string;
}): Part {
  return async (ground) => {
    const footage = makeFootage(input.clip, { seconds: input.seconds[ground.full ? 1 : 0], folder: ground.folder });
    const ran = await runJob(ground, footage, input.request);
    const plain = await runPlainOf(ground, footage, ran);
    return {
      figures: { [`whole_${input.name}_ratio`]: { value: ran.wallS / plain.wallS, atMost: input.atMost, unit: '× plain ffmpeg' } },
      facts: {
        [`${input.name}: source`]: footage.about,
        [`${input.name}: job, plain (s)`]: `${ran.wallS.toFixed(1)}, ${plain.wallS.toFixed(1)} (users were promised ${input.promised})`,
        [`${input.name}: frames copied`]: `${ran.report.render.copied_frames} of ${ran.report.render.frames}`,
        [`${input.name}: peak memory (MB)`]: Math.round(ran.peakMb),
      },
    };
  };
}

const lecture = { content_type: 'educational', mode: 'balanced', quality: 'high' } as const;
const wholeJobs: Record<string, Part> = {
  lecture_full: wholeJob({
    name: 'lecture_full',
    clip: 'talk',
    seconds: [90, 900],
    request: { ...lecture, features: { smart_render: false } },
    atMost: 1.25,
    promised: '10 min for 15 min',
  }),
  lecture_smart: wholeJob({
    name: 'lecture_smart',
    clip: 'talk',
    seconds: [91, 901],
    request: lecture,
    atMost: 0.5,
    promised: '10 min for 15 min',
  }),
  general: wholeJob({
    name: 'general',
    clip: 'general',
    seconds: [60, 180],
    request: { content_type: 'general' },
    atMost: 1.35,
    promised: '3 min for 3 min',
  }),
  music: wholeJob({
    name: 'music',
    clip: 'music',
    seconds: [60, 300],
    request: { content_type: 'music' },
    atMost: 1.35,
    promised: '5 min for 5 min',
  }),
  sequence: wholeJob({
    name: 'sequence',
    clip: 'sequence',
    seconds: [5, 5],
    request: { mode: 'high_quality', quality: 'ultra', features: { silence_removal: false, filler_removal: false } },
    atMost: 2,
    promised: '8.2 s on a large GPU',
  }),
};

async function memoryAt4k(ground: Ground): Promise<BenchResult> {
  const footage = makeFootage('fourK', { seconds: ground.full ? 30 : 8, folder: ground.folder });
  const { peakMb } = await runJob(ground, footage, { mode: 'fast', quality: 'ultra', features: { smart_render: false } });
  return { figures: { peak_memory_4k: { value: peakMb / 1000, atMost: 5, unit: 'GB' } }, facts: { '4K: source': footage.about } };
}

/** 1 when the coded pictures of two videos differ, byte for byte, else 0. */
async function differs(ground: Ground, one: Ran, other: Ran): Promise<number> {
  const hashes = await Promise.all([one, other].map(async ({ job }) => hashPictures(ground, job.id)));
  return hashes[0] === hashes[1] ? 0 : 1;
}

async function hashPictures({ client, folder }: Ground, id: string): Promise<string> {
  const path = join(folder, `${id}.mp4`);
  await client.save(id, 'video.mp4', path);
  return execFileSync(readTools().ffmpeg.path, ['-v', 'error', '-i', path, '-map', '0:v:0', '-c', 'copy', '-f', 'md5', '-'], {
    encoding: 'utf8',
  });
}

export function cpuByStage({ report }: Pick<Ran, 'report'>): string {
  const sums = new Map<string, number>();
  for (const { name, cpu_s } of report.stages) {
    const stage = name.split('.')[0] as string;
    sums.set(stage, (sums.get(stage) ?? 0) + cpu_s);
  }
  return [...sums].map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', ');
}

const all: Record<string, Part> = {
  talk: editTalk,
  smart_65: (ground) => copyShare(ground, 0.65, 2.3),
  smart_90: (ground) => copyShare(ground, 0.9, 5),
  ...wholeJobs,
  memory_4k: memoryAt4k,
};
