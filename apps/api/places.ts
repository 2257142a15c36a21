import type { TemplateChoice } from '#director/thumbnail-templates';
import { layout } from '#engine/layout';

/** Where the API's own small records lie in storage; the engine's are in `engine/layout.ts`. */
export const places = {
  key: (id: string) => `keys/by-id/${id}.json`,
  keyHash: (sha256: string) => `keys/by-hash/${sha256}`,
  keys: 'keys/by-id/',
  profile: (tenant: string, name: string) => `t/${tenant}/profiles/${name}.json`,
  profiles: (tenant: string) => `t/${tenant}/profiles/`,
  /** Everything is in the name, so that a list tells all. */
  choice: (tenant: string, { content_type, chosen, offered }: TemplateChoice, { job, name }: { job: string; name: string }) =>
    `t/${tenant}/choices/${content_type}/${chosen}/${offered.join('.')}/${job}.${name}`,
  choices: (tenant: string) => `t/${tenant}/choices/`,
  idempotency: (tenant: string, hash: string) => `${layout.answers(tenant)}${hash}.json`,
} as const;

/** The counterpart of `places.choice`. */
export function parseChoicePlace(tenant: string, key: string): TemplateChoice {
  const [content_type, chosen, offered = ''] = key.slice(places.choices(tenant).length).split('/');
  return { content_type, chosen, offered: offered.split('.') } as unknown as TemplateChoice;
}

export const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const decode = <T>(bytes: Buffer | null): T | null => (bytes ? (JSON.parse(bytes.toString()) as T) : null);
