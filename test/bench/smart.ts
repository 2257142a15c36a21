import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameRange } from '#contracts/plan';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { sampleAt } from '#media/sound/sample-grid';
import { createRandom, type Random } from '../chaos/random.ts';
import { examine, type Findings, type Footage, readFootage, readFootageSums, renderEdit } from '../helpers/smart-edit.ts';
import { framesOf } from '../helpers/specs.ts';
import { readTools, root } from '../helpers/tools.ts';
import type { BenchResult } from './judge.ts';
import { makeSmartSources } from './smart-sources.ts';

interface Outcome extends Findings {
  about: string;
  driftMs: number;
  /** Pieces whose planned copies were given up, by reason. */
  uncopied: string[];
  gates: (string | null)[];
  pieces: number;
}

interface Source {
  about: string;
  footage: Footage;
  /** Of every frame as it is stored. */
  sums: readonly string[];
}

const quickPlans = 60;
const fullPlans = 500;
/** Frames of a source that one plan spreads over; every frame of it is decoded three times to be judged. */
const longestWindow = 360;

/**
 * Random edits of many kinds of footage, each frame of each result held against the source by plain ffmpeg. `PLANS` sets
 * how many, `SEED` which; `FROM` goes on behind the plans of earlier runs and judges all of them together.
 */
export async function benchSmart({ full }: { full: boolean }): Promise<BenchResult> {
  const plans = Number(process.env['PLANS'] ?? (full ? fullPlans : quickPlans));
  const from = Number(process.env['FROM'] ?? 0);
  const seed = Number(process.env['SEED'] ?? 1);
  const record = openRecord(join(root, `test/bench/out/smart-${seed}.jsonl`), from);
  const { ffmpeg, ffprobe } = readTools();
  const tools = await createMediaTools({ ffmpeg: ffmpeg.path, ffprobe: ffprobe.path });
  const folder = mkdtempSync(join(tmpdir(), 'bench-smart-'));
  try {
    const sources: Source[] = [];
    for (const { path, about } of makeSmartSources(folder)) {
      const footage = await readFootage(path, { tools, folder });
      sources.push({ about, footage, sums: await readFootageSums(footage) });
    }
    for (let plan = from; plan < plans; plan++) {
      const source = sources[plan % sources.length]!;
      const keep = drawKeep(createRandom(seed * fullPlans + plan), source.footage);
      const outcome = await runPlan({ source, keep }, { tools, folder });
      if (!isFaultless(outcome)) process.stdout.write(`  plan ${plan}: ${JSON.stringify({ ...outcome, keep })}\n`);
      record.add(outcome);
    }
    return toResult(record.outcomes, sources.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Outcomes kept on disk one a line, so that a long count can be made in parts. */
function openRecord(path: string, from: number): { outcomes: readonly Outcome[]; add(outcome: Outcome): void } {
  const lines = from === 0 ? [] : readFileSync(path, 'utf8').split('\n').slice(0, from);
  const outcomes = lines.map((line) => JSON.parse(line) as Outcome);
  const toText = (outcome: Outcome) => `${JSON.stringify(outcome)}\n`;
  writeFileSync(path, outcomes.map(toText).join(''));
  const add = (outcome: Outcome) => {
    outcomes.push(outcome);
    appendFileSync(path, toText(outcome));
  };
  return { outcomes, add };
}

async function runPlan(
  { source: { footage, about, sums }, keep }: { source: Source; keep: FrameRange[] },
  { tools, folder }: { tools: MediaTools; folder: string },
): Promise<Outcome> {
  const place = mkdtempSync(join(folder, 'plan-'));
  const codec = footage.video.codec === 'hevc' ? 'hevc' : 'h264';
  const output = { aspect: 'source', max_height: null, codec, container: 'mp4', hardware: 'auto' } as const;
  const audio = makeTone(framesOf(keep).length, { fps: footage.video.fps, folder: place });
  const edit = await renderEdit({ footage, keep, audio, change: { output } }, { tools, folder: place });
  const found = await examine({ footage, keep, edit, folder: place, meant: sums });
  rmSync(place, { recursive: true });
  const uncopied = edit.chunks.flatMap((chunk) => chunk.uncopied ?? []);
  return { ...found, about, driftMs: edit.video.driftMs.max, uncopied, gates: edit.timeline.gates, pieces: edit.chunks.length };
}

/** Up to four ranges within a window; half of the edges on key frames, some ranges of a few frames. */
function drawKeep(random: Random, { video }: Footage): FrameRange[] {
  const window = Math.min(longestWindow, video.frames);
  const offset = random.integer(0, video.frames - window);
  const keys = video.keyframes.filter((key) => key >= offset && key <= offset + window);
  const draw = () => (random.next() < 1 / 2 && keys.length > 0 ? random.pick(keys) : offset + random.integer(0, window));
  const edges = [...new Set(Array.from({ length: 2 * random.integer(1, 4) }, draw))].sort((a, b) => a - b);
  const keep = edges.flatMap((start_frame, index) =>
    index % 2 === 0 && edges[index + 1] ? [{ start_frame, end_frame: edges[index + 1]! }] : [],
  );
  return framesOf(keep).length >= 8 ? keep : [{ start_frame: offset, end_frame: offset + window }];
}

/** Sound of exactly the planned length, as the audio stage delivers it. */
function makeTone(frames: number, { fps, folder }: { fps: string; folder: string }) {
  const path = join(folder, 'audio.m4a');
  const samples = sampleAt(frames, { sampleRate: 48_000, fps });
  const graph = `sine=f=440:r=48000,atrim=end_sample=${samples}`;
  execFileSync(readTools().ffmpeg.path, ['-v', 'error', '-f', 'lavfi', '-i', graph, '-c:a', 'aac', '-b:a', '96k', path]);
  return { path, samples, sampleRate: 48_000 };
}

const isFaultless = ({ frames, planned, unequal, messages, uncopied, seamsMin }: Outcome): boolean =>
  frames === planned && unequal === 0 && messages === '' && uncopied.length === 0 && (seamsMin ?? 1) >= 0.98;

function toResult(outcomes: readonly Outcome[], sources: number): BenchResult {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const copied = sum((outcome) => outcome.copied);
  const seams = outcomes.flatMap(({ seamsMin }) => seamsMin ?? []);
  return {
    figures: {
      'results of exactly the planned frames': {
        value: sum((o) => Number(o.frames === o.planned)) / outcomes.length,
        atLeast: 1,
        unit: 'share',
      },
      'copied frames equal bit for bit': { value: 1 - sum((o) => o.unequal) / Math.max(1, copied), atLeast: 1, unit: 'share' },
      'results with a decode warning': { value: sum((o) => Number(o.messages !== '')), atMost: 0, unit: 'results' },
      'most drift': { value: Math.max(...outcomes.map(({ driftMs }) => driftMs)), atMost: 1, unit: 'ms' },
      'least SSIM beside a seam': { value: Math.min(...seams, 1), atLeast: 0.98, unit: '' },
    },
    facts: {
      plans: outcomes.length,
      sources,
      frames: sum(({ planned }) => planned),
      'copied frames': copied,
      'plans that copied': outcomes.filter((outcome) => outcome.copied > 0).length,
      seams: seams.length,
      'pieces that gave up copies': `${sum((o) => o.uncopied.length)} of ${sum((o) => o.pieces)}: ${tally(outcomes.flatMap((o) => o.uncopied))}`,
      'pieces without planned copies': tally(outcomes.flatMap((o) => o.gates.filter((gate) => gate !== null))),
    },
  };
}

function tally(reasons: readonly string[]): string {
  return [...new Set(reasons)].map((reason) => `${reason} ${reasons.filter((each) => each === reason).length}`).join(', ') || 'none';
}
