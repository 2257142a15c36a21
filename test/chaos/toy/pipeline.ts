import type { Settings } from '#contracts/settings';
import type { StageSpec } from '#engine/graph';

/** What a toy job is to be like. */
export interface Toy {
  /** 0 = the job is one node; else one more for each scene, and one that joins them. */
  scenes: number;
  /** How long each node takes. */
  ms: number;
  /** Its first node kills the worker that runs it. */
  deadly?: boolean;
}

export type ToySettings = Settings & { toy: Toy };

const uses = ({ toy }: ToySettings): Toy => toy;
const isLong = ({ toy }: ToySettings): boolean => toy.scenes > 0;
const spec = (pool: string, makes: string, reads: string[]) => ({ pool, version: 1, makes, reads, uses, weight: 1 });

/** The shape of a film without its content: every part of the engine, the queue and the worker is the real one. */
export const toyPipeline: Record<string, StageSpec<ToySettings>> = {
  draft: spec('prepare', 'toy_draft', []),
  scene: {
    ...spec('render', 'toy_scene', ['toy_draft']),
    when: isLong,
    fanOut: { over: 'toy_draft', items: ({ scenes }: { scenes: string[] }) => scenes },
  },
  film: { ...spec('render', 'toy_film', ['toy_scene']), when: isLong },
};
