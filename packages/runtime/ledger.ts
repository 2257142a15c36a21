/** The part of a storage that keeps the books; every one of ours fits. */
export interface LedgerStore {
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  delete(key: string): Promise<void>;
  list(prefix: string, options?: { after?: string; limit?: number }): Promise<string[]>;
}

/** One paid call. Until it is settled it counts as if all that was reserved had been spent, whoever has died meanwhile. */
export interface LedgerLine {
  /** UTC, `2026-11-20`. */
  day: string;
  tenant: string;
  job: string;
  id: string;
  reservedMicro: number;
}

export type CountedLine = LedgerLine & { countedMicro: number };

export interface Ledger {
  reserve(line: LedgerLine): Promise<void>;
  settle(line: LedgerLine, spentMicro: number): Promise<void>;
  /** For a call that was never made. */
  cancel(line: LedgerLine): Promise<void>;
  ofDay(day: string): Promise<CountedLine[]>;
  ofTenant(day: string, tenant: string): Promise<CountedLine[]>;
  ofJob(days: string[], tenant: string, job: string): Promise<CountedLine[]>;
}

/** Durable books: a line is a key and its figures are in its name, so that a day is read by listing it. */
export function createLedger(store: LedgerStore): Ledger {
  const empty = new Uint8Array();
  const read = async (prefix: string) => toCounted(await listAll(store, prefix));
  return {
    reserve: async (line) => void (await store.create(toKey(line), empty)),
    settle: async (line, spentMicro) => void (await store.create(`${toKey(line)}.${spentMicro}`, empty)),
    cancel: (line) => store.delete(toKey(line)),
    ofDay: (day) => read(`ai-ledger/${day}/`),
    ofTenant: (day, tenant) => read(`ai-ledger/${day}/${tenant}/`),
    ofJob: async (days, tenant, job) => (await Promise.all(days.map((day) => read(`ai-ledger/${day}/${tenant}/${job}/`)))).flat(),
  };
}

const toKey = ({ day, tenant, job, id, reservedMicro }: LedgerLine) => `ai-ledger/${day}/${tenant}/${job}/${id}.${reservedMicro}`;

/** Pure: names of a listing → lines, the settled figure in place of the reserved one where there is one. */
export function toCounted(keys: readonly string[]): CountedLine[] {
  const lines = new Map<string, CountedLine>();
  for (const key of keys) {
    const [, day = '', tenant = '', job = '', name = ''] = key.split('/');
    const [id = '', reserved, settled] = name.split('.');
    const known = lines.get(key.slice(0, key.lastIndexOf('/') + 1) + id);
    const line = known ?? { day, tenant, job, id, reservedMicro: Number(reserved), countedMicro: Number(reserved) };
    lines.set(key.slice(0, key.lastIndexOf('/') + 1) + id, settled === undefined ? line : { ...line, countedMicro: Number(settled) });
  }
  return [...lines.values()];
}

const pageSize = 1_000;

async function listAll(store: LedgerStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const after = keys.at(-1);
    const page = await store.list(prefix, { limit: pageSize, ...(after === undefined ? {} : { after }) });
    keys.push(...page);
    if (page.length < pageSize) return keys;
  }
}
