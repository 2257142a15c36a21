import { expect, it } from 'vitest';
import { createBriefMemory } from '#runtime/brief-memory';
import { shareTurn } from '#runtime/share-turn';

it('remembers what was found for a while, and asks again for what was missing, forgotten or too much', async () => {
  let nowMs = 0;
  const asked: string[] = [];
  const find = async (key: string) => {
    asked.push(key);
    return key === 'missing' ? null : key;
  };
  const memory = createBriefMemory(find, { keepMs: 10, maxEntries: 2, now: () => nowMs });
  const askedFor = async (...keys: string[]) => {
    asked.length = 0;
    for (const key of keys) await memory.get(key);
    return [...asked];
  };
  expect(await askedFor('a', 'a', 'missing', 'missing')).toEqual(['a', 'missing', 'missing']);
  nowMs = 10;
  expect(await askedFor('a', 'a')).toEqual(['a']);
  memory.forget('a');
  expect(await askedFor('a')).toEqual(['a']);
  expect(await askedFor('b', 'c', 'b', 'a')).toEqual(['b', 'c', 'a']);
});

it('askers of one turn share an answer that is no older than their question', async () => {
  let value = 'old';
  let asked = 0;
  const ask = shareTurn(async () => {
    asked++;
    return value;
  });
  const both = [ask('k'), ask('k')];
  value = 'new';
  expect(await Promise.all(both)).toEqual(['new', 'new']);
  expect(asked).toBe(1);
  value = 'newer';
  expect(await ask('k')).toBe('newer');
});
