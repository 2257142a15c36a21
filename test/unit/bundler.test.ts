import { describe, expect, it } from 'vitest';
import { type Answer, createBundler } from '#storage/bundler';

interface Held {
  keys: string[];
  end: (answers?: Answer[]) => void;
  fail: (fault: Error) => void;
}

/** Rounds that end when they are told to. */
function heldRounds() {
  const rounds: Held[] = [];
  const create = createBundler(
    (entries) =>
      new Promise((resolve, reject) =>
        rounds.push({
          keys: entries.map(({ key }) => key),
          end: (answers = entries.map(() => true)) => resolve(answers),
          fail: reject,
        }),
      ),
  );
  const nextRound = async (count: number): Promise<Held> => {
    while (rounds.length < count) await new Promise((resolve) => setImmediate(resolve));
    return rounds[count - 1]!;
  };
  return { create: (key: string, bytes = 1) => create({ key, bytes: Buffer.alloc(bytes) }), rounds, nextRound };
}

describe('creates of one moment', () => {
  it('are written together, and what comes meanwhile is written next', async () => {
    const { create, nextRound } = heldRounds();
    const first = [create('a'), create('b')];
    const round = await nextRound(1);
    const second = [create('c'), create('d'), create('e')];
    expect(round.keys).toEqual(['a', 'b']);
    round.end();
    expect(await Promise.all(first)).toEqual([true, true]);
    const next = await nextRound(2);
    expect(next.keys).toEqual(['c', 'd', 'e']);
    next.end();
    expect(await Promise.all(second)).toEqual([true, true, true]);
  });

  it('let one of several for the same key win, and none when it existed', async () => {
    const { create, nextRound } = heldRounds();
    const race = [create('a'), create('b'), create('a'), create('b')];
    const round = await nextRound(1);
    expect(round.keys).toEqual(['a', 'b']);
    round.end([true, false]);
    expect(await Promise.all(race)).toEqual([true, false, false, false]);
  });

  it('fail one by one, or all of them with the file they share', async () => {
    const { create, nextRound } = heldRounds();
    const some = Promise.allSettled([create('a'), create('b'), create('a')]);
    (await nextRound(1)).end([new Error('no folder'), true]);
    expect((await some).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    const others = Promise.allSettled([create('c'), create('d')]);
    (await nextRound(2)).fail(new Error('disk full'));
    expect((await others).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const after = create('e');
    (await nextRound(3)).end();
    expect(await after).toBe(true);
  });

  it('wait for as many as there were before, and go on without them', async () => {
    const { create, nextRound } = heldRounds();
    const three = ['a', 'b', 'c'].map((key) => create(key));
    (await nextRound(1)).end();
    await Promise.all(three);
    const alone = create('d');
    (await nextRound(2)).end();
    expect(await alone).toBe(true);
  });

  it('fill no file beyond what a reader of one record should read', async () => {
    const { create, nextRound } = heldRounds();
    const ten = Promise.all(Array.from({ length: 10 }, (_, i) => create(`k${i}`, 60_000)));
    (await nextRound(1)).end();
    (await nextRound(2)).end();
    const last = await nextRound(3);
    last.end();
    expect(last.keys).toEqual(['k8', 'k9']);
    await ten;
  });
});
