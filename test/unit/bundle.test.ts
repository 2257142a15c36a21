import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildBundle, type Entry, extract, isBundle, locate, toFileBytes } from '#storage/bundle';

const keys = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}(\/[A-Za-z0-9._-]{1,12}){0,2}$/);
const entries = fc.uniqueArray(
  fc.record({ key: fc.oneof(keys, fc.constant('__proto__'), fc.constant('constructor')), bytes: fc.uint8Array({ maxLength: 300 }) }),
  { selector: ({ key }) => key, minLength: 1, maxLength: 20 },
);

describe('a bundle', () => {
  it('gives each of its records back under its key, byte for byte', () => {
    fc.assert(
      fc.property(entries, (some: Entry[]) => {
        const file = buildBundle(some);
        for (const { key, bytes } of some) expect(extract(key, file)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('finds a record from the beginning of the file alone', () => {
    const some = [
      { key: 'a', bytes: Buffer.from('first') },
      { key: 'b', bytes: Buffer.alloc(10_000, 'x') },
    ];
    const span = locate('b', buildBundle(some).subarray(0, 100));
    expect(span && span.end - span.start).toBe(10_000);
  });

  it('is not taken for the record of a key that it does not name', () => {
    const file = buildBundle([{ key: 'a', bytes: Buffer.from('x') }]);
    expect(extract('b', file)).toBe(file);
  });

  it.each([
    '',
    'cutroom',
    'cutroom bundle 1 ',
    'cutroom bundle 1 9 {"a":1',
    'cutroom bundle 1 999999 {}',
    'cutroom bundle 1 4 null',
    '{"v":1}',
  ])('leaves what is none as it is: %j', (text) => {
    const bytes = Buffer.from(text);
    expect(extract('a', bytes)).toBe(bytes);
  });

  it('wraps the one record that would be taken for a bundle, and no other', () => {
    fc.assert(
      fc.property(entries, (some: Entry[]) => {
        const [first] = some as [Entry];
        expect(toFileBytes(first)).toBe(first.bytes);
        const trap = { key: first.key, bytes: buildBundle(some) };
        expect(isBundle(toFileBytes(trap))).toBe(true);
        expect(extract(trap.key, Buffer.from(toFileBytes(trap)))).toEqual(trap.bytes);
      }),
    );
  });
});
