import { createBriefMemory } from '#runtime/brief-memory';
import { reach } from '#runtime/failpoint';
import type { Storage } from '#storage/storage';
import { layout } from './layout.ts';
import type { Manifest, Outcome, Run } from './types.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));
const decode = <T>(bytes: Buffer | null): T | null => (bytes ? (JSON.parse(bytes.toString()) as T) : null);

export type Records = ReturnType<typeof createRecords>;

/** The durable side of a job: what was asked, each run's start and each run's end. Storage is the truth; nothing here is ever changed. */
export function createRecords(storage: Storage) {
  const read = async (key: string) => decode<Manifest>(await storage.get(key));
  // A manifest never changes, but it goes when its time has come.
  const manifests = createBriefMemory(read, { keepMs: 60_000, maxEntries: 500 });

  return {
    /** Manifest and the marker that lists it as open, both durable when this returns. */
    async createJob(manifest: Manifest): Promise<void> {
      await reach('manifest.before');
      await Promise.all([
        storage.create(layout.openJob(manifest.id, manifest.tenant), Buffer.alloc(0)),
        storage.create(layout.job(manifest.tenant, manifest.id), encode(manifest)),
      ]);
      await reach('manifest.after');
    },

    manifest: (tenant: string, id: string): Promise<Manifest | null> => manifests.get(layout.job(tenant, id)),

    /** Run 1 is implied by the manifest; later ones are created here. False when somebody else opened that number first. */
    async createRun(manifest: Manifest, run: Run): Promise<boolean> {
      await storage.create(layout.openJob(manifest.id, manifest.tenant), Buffer.alloc(0));
      return storage.create(layout.run(manifest.tenant, manifest.id, run.number), encode(run));
    },

    async run(manifest: Manifest, number: number): Promise<Run | null> {
      if (number === 1) return toFirstRun(manifest);
      return decode<Run>(await storage.get(layout.run(manifest.tenant, manifest.id, number)));
    },

    /** The highest run that exists; asked only when Redis does not know. */
    async latestRun(manifest: Manifest): Promise<number> {
      let number = 1;
      while (await storage.stat(layout.run(manifest.tenant, manifest.id, number + 1))) number++;
      return number;
    },

    /** Create-only: the first end of a run is its end. Returns the record that won. */
    async conclude(tenant: string, outcome: Outcome): Promise<{ outcome: Outcome; won: boolean }> {
      const key = layout.outcome(tenant, outcome.job_id, outcome.run);
      if (await storage.create(key, encode(outcome))) return reach('outcome.after').then(() => ({ outcome, won: true }));
      return { outcome: decode<Outcome>(await storage.get(key)) ?? outcome, won: false };
    },

    async outcome(tenant: string, id: string, run: number): Promise<Outcome | null> {
      return decode<Outcome>(await storage.get(layout.outcome(tenant, id, run)));
    },

    /** A person's word outlives Redis. */
    approve: (manifest: Manifest, run: number): Promise<boolean> =>
      storage.create(layout.approval(manifest.tenant, manifest.id, run), Buffer.alloc(0)),
    isApproved: async (manifest: Manifest, run: Run): Promise<boolean> =>
      run.approved || (await storage.stat(layout.approval(manifest.tenant, manifest.id, run.number))) !== null,

    forget: (tenant: string, id: string): void => manifests.forget(layout.job(tenant, id)),

    closeJob: (tenant: string, id: string): Promise<void> => storage.delete(layout.openJob(id, tenant)),
  };
}

export function toFirstRun(manifest: Manifest): Run {
  return {
    number: 1,
    reason: 'created',
    revision: 1,
    started_by: 'request',
    created_at: manifest.created_at,
    deadline_at: toDeadline(manifest, manifest.created_at),
    approved: !manifest.settings.review,
    given: {},
    salts: {},
  };
}

export const toDeadline = (manifest: Manifest, from: string): string =>
  new Date(Date.parse(from) + manifest.settings.limits.timeout_s * 1000).toISOString();
