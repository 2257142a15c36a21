import type { TemplateRanking } from '#contracts/settings';
import { countTemplates, rankTemplates, type TemplateChoice, type TemplateFigures } from '#director/thumbnail-templates';
import { keysBelow } from '#engine/keys-below';
import { createBriefMemory } from '#runtime/brief-memory';
import type { Storage } from '#storage/storage';
import { parseChoicePlace, places } from './places.ts';

/** What worked, for each tenant, in storage for good: it outlives the jobs, Redis, and every process. */
export interface Templates {
  /** False = that picture was taken before. */
  add(tenant: string, output: { job: string; name: string }, choice: TemplateChoice): Promise<boolean>;
  figures(tenant: string): Promise<TemplateFigures[]>;
  /** For new jobs; what another process was told is seen half a minute later. */
  ranking(tenant: string): Promise<TemplateRanking | null>;
}

const memory = { keepMs: 30_000, maxEntries: 1_000 };

export function createTemplates(storage: Storage): Templates {
  async function read(tenant: string): Promise<TemplateChoice[]> {
    const choices: TemplateChoice[] = [];
    for await (const key of keysBelow(storage, places.choices(tenant))) choices.push(parseChoicePlace(tenant, key));
    return choices;
  }
  const known = createBriefMemory(read, memory);
  return {
    async add(tenant, output, choice) {
      const isNew = await storage.create(places.choice(tenant, choice, output), Buffer.from('{}'));
      known.forget(tenant);
      return isNew;
    },
    figures: async (tenant) => countTemplates(await read(tenant)),
    ranking: async (tenant) => rankTemplates((await known.get(tenant)) ?? []),
  };
}
