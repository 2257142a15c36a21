import type { Artifacts } from '#contracts/artifacts';
import type { Blob } from '#contracts/footage';
import type { Pipeline, StageName } from '#contracts/pipeline';
import type { Manifest } from '#engine/types';
import type { MediaTools } from '#media/ffmpeg';
import type { Logger } from '#runtime/log';
import type { NodeDirector } from './ai.ts';

type Declared<S extends StageName> = Pipeline[S];
type MadeManyTimes = { [S in StageName]: Declared<S> extends { fanOut: object } ? Declared<S>['makes'] : never }[StageName];
/** The artifact of a noun as its readers see it: a fan-out's noun is the list of its items' artifacts. */
type Read<N extends keyof Artifacts> = N extends MadeManyTimes ? Artifacts[N][] : Artifacts[N];

/** The part of a noun that a stage takes, or all of it. */
type Given<S extends StageName, N extends keyof Artifacts> =
  Declared<S> extends { takes: { [Key in N]: (artifact: never) => infer Part } } ? Part : Read<N>;

type Optional<S extends StageName> = Declared<S> extends { mayRead: readonly (infer N extends keyof Artifacts)[] } ? N : never;
type ItemOf<S extends StageName> =
  Declared<S> extends { fanOut: { items: (artifact: never) => readonly (infer Item)[] } } ? { item: Item } : object;

/** Exactly what the declaration says a stage reads: a stage cannot depend on what is not in its key. */
export type StageInput<S extends StageName> = {
  settings: ReturnType<Declared<S>['uses']>;
  job: Pick<Manifest, 'id' | 'tenant' | 'input'>;
} & { [N in Declared<S>['reads'][number]]: Given<S, N> } & { [N in Optional<S>]?: Read<N> } & ItemOf<S>;

/** What a stage may use; all of it is taken back when the stage ends. */
export interface StageTools extends NodeDirector {
  /** A private folder: the working directory of every child, gone afterwards. */
  scratch: string;
  signal: AbortSignal;
  log: Logger;
  media: MediaTools;
  /** Share of this node's work that is done, 0–1; may fall, the job's progress never does. */
  progress(fraction: number): void;
  /** A blob as a local read-only file. */
  open(blob: Pick<Blob, 'key'>): Promise<string>;
  /** Files a scratch file under its hash. */
  store(path: string, contentType: string): Promise<Blob>;
}

export type Stage<S extends StageName> = (input: StageInput<S>, tools: StageTools) => Promise<Artifacts[Declared<S>['makes']]>;
export type Stages = { [S in StageName]: Stage<S> };
