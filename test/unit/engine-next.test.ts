import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGraph, type Graph, type StageSpec } from '#engine/graph';
import { awaitsReview, type Done, isFinished, parseNodeId, readyStages, releasedBy, toNodeId } from '#engine/next';

/** Any acyclic graph: stage i reads some of the nouns before it; some stages wait for a review. */
const anyPipeline = fc
  .array(fc.record({ reads: fc.array(fc.nat(30), { maxLength: 4 }), gated: fc.boolean() }), { minLength: 1, maxLength: 14 })
  .map((stages) =>
    Object.fromEntries(
      stages.map(({ reads, gated }, index): [string, StageSpec<null>] => {
        const nouns = index === 0 ? [] : [...new Set(reads.map((read) => `n${read % index}`))];
        return [
          `s${index}`,
          { pool: 'p', version: 1, makes: `n${index}`, reads: nouns, uses: () => null, weight: 1, ...(gated && { gate: 'review' }) },
        ];
      }),
    ),
  );

/** Runs a graph the way the service does: workers finish queued stages in any order, each end releases what it fed. */
function drive(graph: Graph, pick: (size: number) => number, approveAfter: number | null) {
  const done = new Map<string, Done>();
  const runs: string[] = [];
  let approved = approveAfter === null;
  let queue = readyStages(graph, done, approved).map(({ name }) => name);
  for (let step = 0; step < 200; step++) {
    if (!approved && step >= (approveAfter ?? 0)) {
      approved = true;
      queue = [...new Set([...queue, ...readyStages(graph, done, approved).map(({ name }) => name)])];
    }
    const name = queue.splice(pick(queue.length), 1)[0];
    if (name === undefined) continue;
    runs.push(name);
    done.set(name, { key: name, digest: name });
    queue.push(
      ...releasedBy(graph, done, name, approved)
        .map((stage) => stage.name)
        .filter((next) => !queue.includes(next)),
    );
  }
  return { done, runs };
}

const anyOrder = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });
const picker = (order: number[]) => {
  let turn = 0;
  return (size: number) => (size === 0 ? 0 : (order[turn++ % order.length] as number) % size);
};

describe('what runs next', () => {
  it('runs every stage exactly once, each after all it needs, in whatever order workers finish', () => {
    fc.assert(
      fc.property(anyPipeline, anyOrder, fc.option(fc.nat(30)), (pipeline, order, approveAfter) => {
        const graph = buildGraph(pipeline, null);
        const { done, runs } = drive(graph, picker(order), approveAfter);
        expect([...runs].sort()).toEqual([...graph.keys()].sort());
        expect(isFinished(graph, done)).toBe(true);
        for (const stage of graph.values())
          for (const need of stage.needs) expect(runs.indexOf(need)).toBeLessThan(runs.indexOf(stage.name));
      }),
      { numRuns: 120 },
    );
  });

  it('asked again from any half-finished state, names just the stages that a plain model would', () => {
    fc.assert(
      fc.property(anyPipeline, fc.array(fc.nat(), { maxLength: 14 }), (pipeline, finished) => {
        const graph = buildGraph(pipeline, null);
        const names = [...graph.keys()];
        const done = new Map(
          finished.map((index) => names[index % names.length] as string).map((name) => [name, { key: name, digest: name }]),
        );
        const expected = names.filter((name) => {
          const reads = (pipeline[name] as StageSpec<null>).reads.map((noun) => noun.replace('n', 's'));
          return !done.has(name) && reads.every((maker) => done.has(maker));
        });
        expect(
          readyStages(graph, done, true)
            .map(({ name }) => name)
            .sort(),
        ).toEqual(expected.sort());
      }),
      { numRuns: 120 },
    );
  });

  it('waits for a person only when nothing else is left to do', () => {
    const spec = (reads: string[], makes: string, gate?: 'review'): StageSpec<null> => ({
      pool: 'p',
      version: 1,
      makes,
      reads,
      uses: () => null,
      weight: 1,
      ...(gate && { gate }),
    });
    const graph = buildGraph({ plan: spec([], 'plan'), cut: spec(['plan'], 'cut', 'review'), show: spec(['cut'], 'show') }, null);
    expect(awaitsReview(graph, new Map())).toBe(false);
    expect(awaitsReview(graph, new Map([['plan', { key: 'k', digest: 'd' }]]))).toBe(true);
    expect(readyStages(graph, new Map([['plan', { key: 'k', digest: 'd' }]]), false)).toEqual([]);
  });

  it('names nodes and reads the names back', () => {
    fc.assert(
      fc.property(fc.constantFrom('assemble', 'render-chunk'), fc.option(fc.nat(999)), (stage, index) => {
        expect(parseNodeId(toNodeId({ stage, index }))).toEqual({ stage, index });
      }),
    );
  });
});
