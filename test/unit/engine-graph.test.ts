import { describe, expect, it } from 'vitest';
import { pipeline } from '#contracts/pipeline';
import { type JobRequest, jobRequestSchema } from '#contracts/request';
import { resolveSettings } from '#contracts/settings';
import { buildGraph, type StageSpec } from '#engine/graph';

const request = (extra: Partial<JobRequest> = {}) =>
  resolveSettings(jobRequestSchema.parse({ input: { asset_id: 'ast_01J00000000000000000000000' }, ...extra }), 'talk');
const spec = (makes: string, reads: string[], extra: Partial<StageSpec<null>> = {}): StageSpec<null> => ({
  pool: 'p',
  version: 1,
  makes,
  reads,
  uses: () => null,
  weight: 1,
  ...extra,
});

describe('the graph of a job', () => {
  it('puts every stage of the real pipeline after what it needs', () => {
    const everything = {
      ...request({ features: { clips: true, beat_sync: true } }),
      ai: { model: 'm', image_model: 'i' },
      research: 'corpus',
    };
    const order = [...buildGraph(pipeline, everything).values()];
    const position = new Map(order.map((stage, index) => [stage.name, index]));
    for (const stage of order) for (const need of stage.needs) expect(position.get(need)).toBeLessThan(position.get(stage.name) as number);
    expect(order).toHaveLength(Object.keys(pipeline).length);
  });

  it('leaves out the stages of features that are off, and nothing waits for them', () => {
    const graph = buildGraph(pipeline, request({ features: { preview: false, thumbnails: false } }));
    expect(graph.has('preview')).toBe(false);
    expect(graph.get('finish')?.reads).not.toContain('thumbnails');
  });

  it('dies at once on a noun that nobody makes', () => {
    expect(() => buildGraph({ a: spec('x', ['ghost']) }, null)).toThrow(/ghost, which no stage/);
  });

  it('dies at once on a noun made twice', () => {
    expect(() => buildGraph({ a: spec('x', []), b: spec('x', []) }, null)).toThrow(/made by a and by b/);
  });

  it('dies at once on a cycle', () => {
    expect(() => buildGraph({ a: spec('x', ['y']), b: spec('y', ['x']) }, null)).toThrow(/cycle among a,b/);
  });

  it('dies at once on a part of something the stage does not read', () => {
    expect(() => buildGraph({ a: spec('x', []), b: spec('y', [], { takes: { x: () => null } }) }, null)).toThrow(
      /part of x without reading/,
    );
  });

  it('dies at once on a fan-out over something the stage does not read', () => {
    expect(() => buildGraph({ a: spec('x', []), b: spec('y', [], { fanOut: { over: 'x', items: () => [] } }) }, null)).toThrow(
      /without reading/,
    );
  });
});
