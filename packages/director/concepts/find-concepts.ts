import type { Transcript } from '#contracts/artifacts';
import type { Concept } from '#contracts/concepts';
import { normalize } from '../fillers.ts';
import { groundConcept } from '../ground-concept.ts';
import { en } from '../languages/en.ts';
import { splitSentences } from '../sentences.ts';
import { findComparisons } from './comparisons.ts';
import { findDefinitions } from './definitions.ts';
import { findLists } from './lists.ts';
import { findQuotes } from './quotes.ts';
import { type Finder, toSpoken } from './spoken.ts';
import { findStats } from './stats.ts';
import { findTitles } from './titles.ts';
import { findTrends } from './trends.ts';

/** The first that finds something in a sentence has it. */
const finders: readonly Finder[] = [findQuotes, findTrends, findComparisons, findStats, findTitles, findDefinitions];

/** What in English speech can be shown, found without a model, in the order it is said; all of it grounded. */
export function findConcepts(words: Transcript['words']): Concept[] {
  const clean = words.filter((word) => !en.hard.has(normalize(word.text)));
  const sentences = splitSentences(clean).map(toSpoken);
  const said = sentences.flatMap((sentence, index) => {
    const before = sentences[index - 1] ?? null;
    for (const find of finders) {
      const grounded = find(sentence, before).flatMap((concept) => groundConcept(concept, clean) ?? []);
      if (grounded.length > 0) return grounded;
    }
    return [];
  });
  const lists = findLists(toSpoken(clean)).flatMap((concept) => groundConcept(concept, clean) ?? []);
  return [...said, ...lists].sort((one, other) => one.start_s - other.start_s);
}
