import { ownCorpus } from '#contracts/research';
import { type ResearchSource, stemsOf, toShape } from './research.ts';

/** In how many of a tenant's finished works a stem is said; those of one work alone are left out. */
export interface Frequencies {
  works: number;
  counts: Record<string, number>;
}

export interface PublishedTitle {
  title: string;
  /** sha256 of what it was made of. */
  footage: string;
}

/** A tenant's finished works, as somebody else reads and remembers them. */
export interface Corpus {
  frequencies(signal: AbortSignal): Promise<Frequencies>;
  titles(signal: AbortSignal): Promise<PublishedTitle[]>;
}

/**
 * What a tenant's own finished works tell: what is said here and seldom elsewhere (TF-IDF), and how they named what is near
 * to it. It knows nothing of the outside world: not what people search for, nor what others publish.
 */
export const createCorpusSource = (corpus: Corpus): ResearchSource => ({
  by: ownCorpus,

  async keywords({ phrases }, signal) {
    const { works, counts } = await corpus.frequencies(signal);
    return phrases.slice(0, most.keywords).map(({ text }) => ({ text, score: rarityOf(stemsOf(text), { works, counts }) }));
  },

  async competitors({ phrases, footage }, signal) {
    const about = new Set(phrases.flatMap(({ text }) => stemsOf(text)));
    const others = (await corpus.titles(signal)).filter((published) => published.footage !== footage).map(({ title }) => title);
    const near = (title: string) => stemsOf(title).filter((one) => about.has(one)).length;
    const titles = [...new Set(others)].sort((one, other) => near(other) - near(one)).slice(0, most.titles);
    return { titles, shape: toShape(titles) };
  },
});

const most = { keywords: 40, titles: 20 };

/** Mean over its words of log(1 + works / works with the word), as a share of the rarest possible; a half where there is nothing to compare. */
function rarityOf(stems: readonly string[], { works, counts }: Frequencies): number {
  if (works < 2 || stems.length === 0) return 0.5;
  const rarities = stems.map((one) => Math.log(1 + works / (own(counts, one) ?? 1)) / Math.log(1 + works));
  return Math.round((1000 * rarities.reduce((sum, one) => sum + one, 0)) / stems.length) / 1000;
}

const own = (counts: Readonly<Record<string, number>>, key: string) => (Object.hasOwn(counts, key) ? counts[key] : undefined);

/** Pure: the stems of each work → in how many works each is. */
export function countWorks(works: readonly ReadonlySet<string>[], limit: number): Frequencies {
  const counts = new Map<string, number>();
  for (const work of works) for (const one of work) counts.set(one, (counts.get(one) ?? 0) + 1);
  const shared = [...counts].filter(([, count]) => count > 1).sort(([, one], [, other]) => other - one);
  return { works: works.length, counts: Object.fromEntries(shared.slice(0, limit)) };
}
