import type { Noun } from '#contracts/artifacts';
import { artifactSchemas } from '#contracts/artifacts';
import { digestOf } from '#contracts/digest';
import type { Storage } from '#storage/storage';
import { layout } from './layout.ts';
import type { NodeStats } from './types.ts';

/** What is filed under a key: the artifact, its digest, and what making it cost. */
export interface ArtifactRecord {
  v: 1;
  stage: string;
  digest: string;
  value: unknown;
  stats: NodeStats;
  made_at: string;
}

export interface ArtifactAddress {
  tenant: string;
  stage: string;
  makes: string;
  key: string;
}

export type Artifacts = ReturnType<typeof createArtifacts>;

/** Content-addressed results. A record that cannot be read, or of an unknown shape, is a miss and never an error. */
export function createArtifacts(storage: Storage, cached = 256) {
  const known = new Map<string, ArtifactRecord>();

  async function find(address: ArtifactAddress): Promise<ArtifactRecord | null> {
    const at = layout.artifact(address.tenant, address.stage, address.key);
    const record = known.get(at) ?? parseRecord(await storage.get(at), address.makes);
    if (record) {
      known.delete(at);
      known.set(at, record);
      if (known.size > cached) known.delete(known.keys().next().value as string);
    }
    return record;
  }

  return {
    find,

    /** Create-if-absent: of two that finish, one record wins and both read it. `won` is false for the late one. */
    async commit(address: ArtifactAddress, value: unknown, stats: NodeStats): Promise<{ record: ArtifactRecord; won: boolean }> {
      const at = layout.artifact(address.tenant, address.stage, address.key);
      const record: ArtifactRecord = {
        v: 1,
        stage: address.stage,
        digest: digestOf(value),
        value,
        stats,
        made_at: new Date().toISOString(),
      };
      const bytes = Buffer.from(JSON.stringify(record));
      if (await storage.create(at, bytes)) return { record, won: true };
      const winner = await find(address);
      if (winner) return { record: winner, won: false };
      await storage.put(at, bytes); // what stood there could not be read
      return { record, won: true };
    },
  };
}

function parseRecord(bytes: Buffer | null, noun: string): ArtifactRecord | null {
  if (!bytes) return null;
  try {
    const record = JSON.parse(bytes.toString()) as ArtifactRecord;
    const schema = artifactSchemas[noun as Noun];
    return record.v === 1 && (!schema || schema.safeParse(record.value).success) ? record : null;
  } catch {
    return null;
  }
}
