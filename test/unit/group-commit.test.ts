import { describe, expect, it } from 'vitest';
import { createGroupCommit } from '#storage/group-commit';

/** Flushes that end when they are told to. */
function heldFlushes() {
  const open: { folder: string; end: (error?: Error) => void }[] = [];
  const flush = (folder: string) =>
    new Promise<void>((resolve, reject) => open.push({ folder, end: (error) => (error ? reject(error) : resolve()) }));
  return { open, flush };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a group commit', () => {
  it('serves everybody who came while a flush ran with one flush that started afterwards', async () => {
    const { open, flush } = heldFlushes();
    const commit = createGroupCommit(flush);
    const done: string[] = [];
    const commits = ['first', 'second', 'third', 'fourth'].map((name) => commit('a').then(() => done.push(name)));
    expect(open).toHaveLength(1);
    open[0]!.end();
    await turn();
    expect(done).toEqual(['first']);
    expect(open).toHaveLength(2);
    open[1]!.end();
    await Promise.all(commits);
    expect(done).toEqual(['first', 'second', 'third', 'fourth']);
    void commit('a');
    expect(open).toHaveLength(3);
  });

  it('keeps folders apart', () => {
    const { open, flush } = heldFlushes();
    const commit = createGroupCommit(flush);
    void commit('a');
    void commit('b');
    expect(open.map(({ folder }) => folder)).toEqual(['a', 'b']);
  });

  it('fails those it failed, and tries again for the others', async () => {
    const { open, flush } = heldFlushes();
    const commit = createGroupCommit(flush);
    const [first, second] = [commit('a'), commit('a')];
    open[0]!.end(new Error('disk'));
    await expect(first).rejects.toThrow('disk');
    await turn();
    open[1]!.end();
    await second;
  });
});
