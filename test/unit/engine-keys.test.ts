import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from '#contracts/digest';
import { buildGraph, type StageSpec } from '#engine/graph';
import { keyOf } from '#engine/next';

interface Wishes {
  loud: boolean;
  webhook: string;
}
const pipeline: Record<string, StageSpec<Wishes>> = {
  list: { pool: 'p', version: 1, makes: 'list', reads: [], uses: () => null, weight: 1 },
  level: { pool: 'p', version: 1, makes: 'level', reads: ['list'], uses: ({ loud }) => ({ loud }), weight: 1 },
  piece: { pool: 'p', version: 1, makes: 'piece', reads: ['list'], uses: () => null, weight: 1, fanOut: { over: 'list', items: () => [] } },
};
const stage = (name: string, wishes: Wishes = { loud: true, webhook: 'a' }, from = pipeline) => {
  const node = buildGraph(from, wishes).get(name);
  if (!node) throw new Error(name);
  return node;
};
const done = (digest: string) => new Map([['list', { key: 'k', digest }]]);
const base = { tenant: 'one', done: done('d1'), salt: null };

describe('the key of a node', () => {
  it('changes with the parts of the settings that the stage uses, and with no other', () => {
    const key = keyOf(stage('level'), base);
    expect(keyOf(stage('level', { loud: true, webhook: 'b' }), base)).toBe(key);
    expect(keyOf(stage('level', { loud: false, webhook: 'a' }), base)).not.toBe(key);
  });

  it('changes with what went in, with the tenant, with the version and with the salt', () => {
    const newer = { ...pipeline, level: { ...(pipeline['level'] as StageSpec<Wishes>), version: 2 } };
    const keys = [
      keyOf(stage('level'), base),
      keyOf(stage('level'), { ...base, done: done('d2') }),
      keyOf(stage('level'), { ...base, tenant: 'two' }),
      keyOf(stage('level', undefined, newer), base),
      keyOf(stage('level'), { ...base, salt: 'afresh' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('changes with the parts of an input that the stage takes, and with nothing else of it', () => {
    const taker = stage('level', undefined, {
      ...pipeline,
      level: { ...(pipeline['level'] as StageSpec<Wishes>), takes: { list: () => 'part' } },
    });
    const key = keyOf(taker, { ...base, parts: { list: 'p1' } });
    expect(keyOf(taker, { ...base, done: done('d2'), parts: { list: 'p1' } })).toBe(key);
    expect(keyOf(taker, { ...base, parts: { list: 'p2' } })).not.toBe(key);
  });

  it('of a fan-out is its item alone: the rest of the list may change', () => {
    const key = keyOf(stage('piece'), { ...base, item: { frames: 10 } });
    expect(keyOf(stage('piece'), { ...base, done: done('another list'), item: { frames: 10 } })).toBe(key);
    expect(keyOf(stage('piece'), { ...base, item: { frames: 11 } })).not.toBe(key);
  });
});

describe('canonical JSON', () => {
  it('is the same for the same value however its keys are ordered', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(digestOf(turned)).toBe(digestOf(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 80 },
    );
  });
});
