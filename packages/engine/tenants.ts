import type { Storage } from '#storage/storage';

/** Tenants by hopping: the first key after everything of the tenant before. */
export async function* tenantsOf(storage: Storage): AsyncGenerator<string> {
  for (let after = 't/'; ; ) {
    const [key] = await storage.list('t/', { after, limit: 1 });
    const tenant = key?.split('/')[1];
    if (!tenant) return;
    yield tenant;
    after = `t/${tenant}0`; // '0' is the character after '/'
  }
}
