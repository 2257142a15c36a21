import { CutroomError } from '#contracts/errors';
import { builtInProfiles, type ProfileFields } from '#contracts/settings';
import type { Storage } from '#storage/storage';
import { decode, encode, places } from './places.ts';

export interface Profile {
  name: string;
  built_in: boolean;
  settings: ProfileFields;
}

export type Profiles = ReturnType<typeof createProfiles>;

/** Built-in profiles and each tenant's own; a built-in name cannot be taken. */
export function createProfiles(storage: Storage) {
  return {
    async list(tenant: string): Promise<Profile[]> {
      const own = await storage.list(places.profiles(tenant));
      const found = await Promise.all(own.map(async (at) => decode<Profile>(await storage.get(at))));
      return [...builtIn, ...found.filter((profile) => profile !== null)];
    },

    /** The fields, for a job that names the profile. */
    async need(tenant: string, name: string): Promise<ProfileFields> {
      const known = builtIn.find((profile) => profile.name === name);
      const found = known ?? (profileName.test(name) ? decode<Profile>(await storage.get(places.profile(tenant, name))) : null);
      if (found) return found.settings;
      throw new CutroomError('REQUEST_INVALID', {
        detail: `There is no profile named ${name}.`,
        errors: [{ pointer: '/profile', detail: 'unknown profile' }],
      });
    },

    async put(tenant: string, name: string, settings: ProfileFields): Promise<Profile> {
      const profile: Profile = { name, built_in: false, settings };
      await storage.put(places.profile(tenant, name), encode(profile));
      return profile;
    },

    /** False when there was none. */
    async remove(tenant: string, name: string): Promise<boolean> {
      const at = places.profile(tenant, name);
      if (!(await storage.stat(at))) return false;
      await storage.delete(at);
      return true;
    },

    isBuiltIn: (name: string): boolean => name in builtInProfiles,
  };
}

export const profileName = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const builtIn: Profile[] = Object.entries(builtInProfiles).map(([name, settings]) => ({
  name,
  built_in: true,
  settings: structuredClone(settings) as unknown as ProfileFields,
}));
