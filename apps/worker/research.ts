import { z } from 'zod';
import { competitorsSchema, keywordSchema, type Research } from '#contracts/research';
import { type Corpus, countWorks, createCorpusSource } from '#director/corpus-source';
import { type ResearchQuestion, type ResearchSource, research } from '#director/research';
import type { Cache } from '#runtime/cache';
import type { Telemetry } from '#runtime/telemetry';
import type { Work } from './corpus.ts';

export interface ResearchParts {
  cache: Pick<Cache, 'namespace'>;
  telemetry: Pick<Telemetry, 'research'>;
  /** A tenant's finished works. */
  readWorks(tenant: string, signal: AbortSignal): Promise<Work[]>;
  /** Whom this worker asks beside them; null = nobody. */
  service: ResearchSource | null;
}

export interface ResearchDesk {
  /** Name of the service; null = there is none. */
  service: string | null;
  askService(tenant: string, question: ResearchQuestion, signal: AbortSignal): Promise<Research>;
  askCorpus(tenant: string, question: ResearchQuestion, signal: AbortSignal): Promise<Research>;
}

/** Of a smaller corpus nothing is kept for long: it grows with every job. */
const fewWorks = 5;
const maxStems = 3_000;
const maxTitles = 50;

const frequenciesSchema = z.object({ works: z.number(), counts: z.record(z.string(), z.number()) });
const titlesSchema = z.array(z.object({ title: z.string(), footage: z.string() }));

/** Who is asked what people look for; keywords are kept for a day, competitors for a week, for each tenant by itself. */
export function createResearchDesk({ cache, telemetry, readWorks, service }: ResearchParts): ResearchDesk {
  const shelves = {
    keywords: cache.namespace({ name: 'keywords', version: 1, schema: z.array(keywordSchema) }),
    competitors: cache.namespace({ name: 'competitors', version: 1, schema: competitorsSchema }),
    frequencies: cache.namespace({ name: 'keywords', version: 1, schema: frequenciesSchema, isNegative: ({ works }) => works < fewWorks }),
    titles: cache.namespace({ name: 'competitors', version: 1, schema: titlesSchema, isNegative: ({ length }) => length < fewWorks }),
  };

  function corpusOf(tenant: string): Corpus {
    const key = (input: string) => ({ tenant, model: 'corpus', parameters: null, input });
    return {
      frequencies: async (signal) => {
        const count = async (own: AbortSignal) =>
          countWorks(
            (await readWorks(tenant, own)).map(({ stems }) => stems),
            maxStems,
          );
        return (await shelves.frequencies.get(key('frequencies'), count, { signal })).value;
      },
      titles: async (signal) => {
        const list = async (own: AbortSignal) => (await readWorks(tenant, own)).slice(0, maxTitles).map(toTitle);
        return (await shelves.titles.get(key('titles'), list, { signal })).value;
      },
    };
  }

  /** The answers of a service, remembered by what it was asked. */
  function remember(source: ResearchSource, tenant: string): ResearchSource {
    const keyOf = ({ phrases }: ResearchQuestion) => ({
      tenant,
      model: source.by,
      parameters: null,
      input: phrases.map(({ text }) => text),
    });
    return {
      by: source.by,
      keywords: async (question, signal) =>
        (await shelves.keywords.get(keyOf(question), (own) => source.keywords(question, own), { signal })).value,
      competitors: async (question, signal) =>
        (await shelves.competitors.get(keyOf(question), (own) => source.competitors(question, own), { signal })).value,
    };
  }

  async function counted(source: 'corpus' | 'service', work: () => Promise<Research>): Promise<Research> {
    try {
      const found = await work();
      telemetry.research.requests.inc({ source, outcome: 'ok' });
      return found;
    } catch (error) {
      telemetry.research.requests.inc({ source, outcome: 'failed' });
      throw error;
    }
  }

  return {
    service: service?.by ?? null,
    askService: (tenant, question, signal) => counted('service', () => research(remember(mustBe(service), tenant), question, signal)),
    askCorpus: (tenant, question, signal) => counted('corpus', () => research(createCorpusSource(corpusOf(tenant)), question, signal)),
  };
}

const toTitle = ({ title, footage }: Work) => ({ title, footage });

function mustBe(service: ResearchSource | null): ResearchSource {
  if (!service) throw new Error('there is no research service');
  return service;
}
