import { layout } from '#engine/layout';

/** Where the API's own small records lie in storage; the engine's are in `engine/layout.ts`. */
export const places = {
  key: (id: string) => `keys/by-id/${id}.json`,
  keyHash: (sha256: string) => `keys/by-hash/${sha256}`,
  keys: 'keys/by-id/',
  profile: (tenant: string, name: string) => `t/${tenant}/profiles/${name}.json`,
  profiles: (tenant: string) => `t/${tenant}/profiles/`,
  idempotency: (tenant: string, hash: string) => `${layout.answers(tenant)}${hash}.json`,
} as const;

export const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const decode = <T>(bytes: Buffer | null): T | null => (bytes ? (JSON.parse(bytes.toString()) as T) : null);
