import { z } from 'zod';
import type { OutputFile } from '#contracts/artifacts';
import type { PublishedTitle } from '#director/corpus-source';
import { stemsOf } from '#director/research';
import type { WiredEngine } from '#engine/create';
import type { Storage } from '#storage/storage';

/** A finished job as others are measured against it. */
export interface Work extends PublishedTitle {
  /** Stems of all that is said in it. */
  stems: ReadonlySet<string>;
}

const planSchema = z.object({
  source: z.object({ sha256: z.string() }),
  captions: z.object({ words: z.array(z.object({ text: z.string() })) }),
});
const metadataSchema = z.object({ title: z.string().min(1).max(200) });
/** As many as say what is usual here, and are read in a second or two. */
const maxWorks = 50;
const maxBytes = 8 * 1_048_576;

/**
 * The newest finished jobs of a tenant, one for each footage, out of what they put out (`plan.json`, `metadata.json`): what
 * their owner deletes is gone from here too. Jobs without metadata are no published work.
 */
export function createCorpusReader({ engine, storage }: { engine: Pick<WiredEngine, 'jobs'>; storage: Pick<Storage, 'get'> }) {
  async function read<T>(outputs: readonly OutputFile[], name: string, schema: z.ZodType<T>): Promise<T | null> {
    const blob = outputs.find((output) => output.name === name)?.blob;
    if (!blob || blob.bytes > maxBytes) return null;
    const bytes = await storage.get(blob.key);
    return bytes && parse(bytes, schema);
  }

  return async (tenant: string, signal: AbortSignal): Promise<Work[]> => {
    const works = new Map<string, Work>();
    const { data } = await engine.jobs.list(tenant, { status: 'completed' }, { limit: maxWorks });
    for (const { id } of data) {
      signal.throwIfAborted();
      const outputs = (await engine.jobs.outputs(tenant, id)) ?? [];
      const metadata = await read(outputs, 'metadata.json', metadataSchema);
      const plan = metadata && (await read(outputs, 'plan.json', planSchema));
      if (!plan || works.has(plan.source.sha256)) continue;
      const stems = new Set(stemsOf(plan.captions.words.map(({ text }) => text).join(' ')));
      works.set(plan.source.sha256, { title: metadata.title, footage: plan.source.sha256, stems });
    }
    return [...works.values()];
  };
}

/** What cannot be read is no work. */
function parse<T>(bytes: Buffer, schema: z.ZodType<T>): T | null {
  try {
    return schema.safeParse(JSON.parse(bytes.toString())).data ?? null;
  } catch {
    return null;
  }
}
