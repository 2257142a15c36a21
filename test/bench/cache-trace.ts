import { z } from 'zod';
import { createCache } from '#runtime/cache';
import type { Ahead } from '#runtime/cache-ahead';
import type { CacheName } from '#runtime/cache-policies';
import { createTelemetry } from '#runtime/telemetry';
import { createRandom } from '../helpers/fuzz.ts';

/** One question of one job. */
export interface Look {
  atMs: number;
  job: string;
  name: CacheName;
  input: string;
}

export interface TraceOptions {
  seed: number;
  jobs: number;
  /** From the first job to the last one. */
  spanMs: number;
  /** Between one question of a job and its next one. */
  stepMs?: number;
}

const minuteMs = 60_000;
const assets = 150;
const topics = 30;
/** Of jobs whose settings or owner end the questions early. */
const cutShort = 0.2;

/**
 * Jobs as they come: at random times, one of 150 assets of which the few are wanted often (Zipf, exponent 1), in one of two
 * modes. A job asks what its topic's keywords and competitors are, then about one window after the other; one in five stops early.
 */
export function makeTrace({ seed, jobs, spanMs, stepMs = 20_000 }: TraceOptions): Look[] {
  const random = createRandom(seed);
  const pickAsset = createZipf(assets, random);
  const looks = Array.from({ length: jobs }, (_, number) => {
    const startMs = random() * spanMs;
    const asset = pickAsset();
    const mode = random() < 0.7 ? 'balanced' : 'high_quality';
    const windows = 1 + (asset % 6);
    const asked = random() < cutShort ? Math.ceil(random() * windows) : windows;
    const questions: Pick<Look, 'name' | 'input'>[] = [
      { name: 'keywords', input: `topic ${asset % topics}` },
      { name: 'competitors', input: `topic ${asset % topics}` },
      ...Array.from({ length: asked }, (_, window) => ({ name: 'responses' as const, input: `${asset} ${mode} ${window}` })),
    ];
    return questions.map((question, index) => ({ ...question, job: String(number), atMs: Math.round(startMs + index * stepMs) }));
  });
  return looks.flat().sort((one, other) => one.atMs - other.atMs);
}

export interface Replayed {
  looks: number;
  /** Looks that were answered at once. */
  hits: number;
  /** What was paid for, asked for or ahead. */
  calls: number;
  fetchedAhead: number;
  usedAhead: number;
}

/** The trace through the cache itself, in memory, by a clock of its own; null = nothing is fetched ahead. */
export async function replay(trace: readonly Look[], createAhead: ((now: () => number) => Ahead) | null): Promise<Replayed> {
  const clock = { nowMs: 0 };
  const now = () => clock.nowMs;
  const ahead = createAhead?.(now);
  const random = createRandom(1);
  const cache = createCache({
    remote: null,
    telemetry: createTelemetry({ processMetrics: false }),
    maxBytes: 64 * 1_048_576,
    maxValueBytes: 65_536,
    ...(ahead && { ahead }),
    now,
    random,
  });
  let calls = 0;
  const compute = async () => `answer ${++calls}`;
  const open = (name: CacheName) => cache.namespace({ name, version: 1, schema: z.string() });
  const shelves = { responses: open('responses'), keywords: open('keywords'), competitors: open('competitors') };
  const look = ({ job, name, input }: Look) => {
    const parts = { tenant: 'one', model: 'model', parameters: null, input };
    return shelves[name].get(parts, compute, { signal: new AbortController().signal, ahead: { thread: job, compute } });
  };
  for (const looks of togetherOf(trace)) {
    const { atMs } = looks[0] as Look;
    for (; clock.nowMs + minuteMs / 2 < atMs; clock.nowMs += minuteMs / 2) await ahead?.look();
    clock.nowMs = atMs;
    await Promise.all(looks.map(look));
    await ahead?.look();
    await new Promise((resolve) => setImmediate(resolve)); // a stale value is renewed behind its back
  }
  cache.close();
  const stats = Object.values(cache.stats());
  const sum = (figure: 'hits' | 'fetched_ahead' | 'used_ahead') => stats.reduce((total, one) => total + one[figure], 0);
  return { looks: trace.length, hits: sum('hits'), calls, fetchedAhead: sum('fetched_ahead'), usedAhead: sum('used_ahead') };
}

/** What one job asks at one time is asked before anything of it is answered. */
function togetherOf(trace: readonly Look[]): Look[][] {
  const groups: Look[][] = [];
  for (const look of trace) {
    const last = groups.at(-1);
    if (last?.[0]?.atMs === look.atMs && last[0].job === look.job) last.push(look);
    else groups.push([look]);
  }
  return groups;
}

/** The first comes most often, the tenth a tenth as often. */
function createZipf(count: number, random: () => number): () => number {
  const sums: number[] = [];
  for (let rank = 1; rank <= count; rank++) sums.push((sums.at(-1) ?? 0) + 1 / rank);
  return () => {
    const at = random() * sums.at(-1)!;
    return sums.findIndex((sum) => sum >= at);
  };
}
