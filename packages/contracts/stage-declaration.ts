import type { Artifacts, Noun } from './artifacts.ts';
import type { Settings } from './settings.ts';

export const pools = ['prepare', 'ai', 'render', 'deliver'] as const;
export type Pool = (typeof pools)[number];

/** Lists and what to take from them: one node for each item. A list may be empty. */
type FanOut = { [N in Noun]: { over: N; items: (artifact: Artifacts[N]) => readonly unknown[] } }[Noun];

/** What a stage is, without what it does: the engine and the API know stages only through this. */
export interface StageDeclaration {
  pool: Exclude<Pool, 'deliver'>;
  /** Raise when the same inputs would give other bytes. */
  version: number;
  makes: Noun;
  /** Nouns it cannot start without. */
  reads: readonly Noun[];
  /** Nouns it reads when the job makes them, and waits for then. */
  mayRead?: readonly Noun[];
  /** Of a noun that it reads, the part that it is given: that part alone enters the key. */
  takes?: { readonly [N in Noun]?: (artifact: Artifacts[N]) => unknown };
  /** The parts of the settings that its result depends on: they, and only they, enter the key. */
  uses: (settings: Settings) => unknown;
  /** Left out of the graph when false. */
  when?: (settings: Settings) => boolean;
  /** One node per item of this noun's artifact; an item's JSON is the whole identity of its node. */
  fanOut?: FanOut;
  /** Runs before what else waits for its pool: others wait for it, or a person does. */
  early?: boolean;
  /** Held back until a person approves, when the job asks for review. */
  gate?: 'review';
  /** Announced when it is done, before the job is. */
  announces?: 'job.preview_ready';
  /** Expected share of a job's work, any unit; progress is weighted by it. */
  weight: number;
}
