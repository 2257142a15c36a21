import { modes } from '#contracts/request';
import type { EndedRun } from '#engine/history';
import { ratioOf, summarise } from './trends.ts';

export interface Measured {
  jobs: number;
  /** Seconds of work per second of footage. */
  modes: Record<string, { jobs: number; mean: number; p95: number }>;
  /** Seconds of footage per second of a stage's work. */
  stages: { name: string; jobs: number; speed: number }[];
  /** Hosts of the workers that did it. */
  machines: string[];
}

/** Pure: how fast jobs were worked on. Whatever came from what was filed already tells nothing and is left out. */
export function toMeasured(runs: readonly EndedRun[]): Measured {
  const ratios = modes.map((mode) => ({ mode, values: runs.filter((run) => run.mode === mode).flatMap(ratioOf) }));
  const figures = ratios.flatMap(({ mode, values }) => {
    const summary = summarise(values);
    return summary ? [[mode, { jobs: values.length, ...summary }] as const] : [];
  });
  return {
    jobs: ratios.reduce((sum, { values }) => sum + values.length, 0),
    modes: Object.fromEntries(figures),
    stages: toStageSpeeds(runs),
    machines: [...new Set(runs.flatMap(({ stages }) => stages.map(({ worker }) => hostOf(worker))))].filter(Boolean).toSorted(),
  };
}

function toStageSpeeds(runs: readonly EndedRun[]): Measured['stages'] {
  const whole = runs.flatMap((run) => stageTimes(run));
  return [...new Set(whole.map(({ name }) => name))].map((name) => {
    const mine = whole.filter((time) => time.name === name);
    const sum = (read: (time: StageTime) => number) => mine.reduce((total, time) => total + read(time), 0);
    return { name, jobs: mine.length, speed: Math.round((10 * sum(({ mediaS }) => mediaS)) / sum(({ wallS }) => wallS)) / 10 };
  });
}

interface StageTime {
  name: string;
  mediaS: number;
  wallS: number;
}

/** One line a stage, its nodes added up; a stage of which any node was cached is not the whole. */
function stageTimes({ stages, media_s }: EndedRun): StageTime[] {
  if (!media_s) return [];
  return [...new Set(stages.map(({ name }) => stageOf(name)))].flatMap((name) => {
    const nodes = stages.filter((line) => stageOf(line.name) === name);
    const wallS = nodes.reduce((sum, { wall_s }) => sum + wall_s, 0);
    return wallS > 0 && nodes.every(({ cached }) => !cached) ? [{ name, mediaS: media_s, wallS }] : [];
  });
}

const stageOf = (node: string): string => node.split('.')[0] ?? node;
/** Workers are called `<host>.<pid>`. */
const hostOf = (worker: string): string => worker.replace(/\.\d+$/, '');
