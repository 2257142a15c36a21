/** English number words, by how they combine. */
const enumerate = (words: string, first: number, step = 1) =>
  words.split(' ').map((word, index): [string, number] => [word, first + index * step]);

export const digits: ReadonlyMap<string, number> = new Map(enumerate('zero one two three four five six seven eight nine', 0));
export const teens: ReadonlyMap<string, number> = new Map(
  enumerate('ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 10),
);
export const tens: ReadonlyMap<string, number> = new Map(enumerate('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10));
/** Also as they stand behind digits: `3 m`, `2 bn`. */
export const scales: ReadonlyMap<string, number> = new Map([
  ...enumerate('thousand k grand', 1e3, 0),
  ...enumerate('million millions m mn', 1e6, 0),
  ...enumerate('billion billions bn b', 1e9, 0),
  ...enumerate('trillion trillions tn', 1e12, 0),
]);
/** "Pounds" is left out: it is a weight as often as money. */
export const unitWords: ReadonlyMap<string, string> = new Map([
  ...['percent', 'percents', '%'].map((word): [string, string] => [word, '%']),
  ...['dollar', 'dollars', 'bucks', 'usd'].map((word): [string, string] => [word, '$']),
  ...['euro', 'euros', 'eur'].map((word): [string, string] => [word, '€']),
  ...['yen'].map((word): [string, string] => [word, '¥']),
]);
