import { CutroomError } from '#contracts/errors';

export interface S3Address {
  bucket: string;
  /** Empty, or ends with a slash. */
  prefix: string;
  region: string;
  /** Null: the vendor's own; set: any server that speaks the protocol, addressed by path. */
  endpoint: string | null;
}

const known = ['endpoint', 'region'];

/** `s3://bucket/prefix?endpoint=https://…&region=…`. Throws `CAPABILITY_MISSING` for what is no such address. */
export function parseS3Address(text: string): S3Address {
  const url = URL.canParse(text) ? new URL(text) : refuse('it cannot be read');
  const unknown = [...url.searchParams.keys()].find((name) => !known.includes(name));
  if (unknown) refuse(`it has an unknown part, ${unknown}`);
  if (url.username || url.password) refuse('credentials do not belong into it; give them the AWS way');
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) refuse('it names no bucket');
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  if (prefix !== '' && !/^[A-Za-z0-9._/-]{1,200}$/.test(prefix)) refuse('its prefix has other characters than A–Z a–z 0–9 . _ - /');
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null && !/^https?:\/\//.test(endpoint)) refuse('its endpoint is no http(s) address');
  return {
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    region: url.searchParams.get('region') ?? 'us-east-1',
    endpoint,
  };
}

function refuse(why: string): never {
  throw new CutroomError('CAPABILITY_MISSING', `CUTROOM_STORAGE_URL: ${why}; expected s3://bucket/prefix?endpoint=https://…&region=….`);
}
