import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CutroomError } from '#contracts/errors';
import type { Keys } from './keys.ts';

export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export interface Caller {
  tenant: string;
  scopes: readonly Scope[];
  /** Null for the admin key and for an open service. */
  keyId: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** Default: `read` for GET and HEAD, else `write`. */
    scope?: Scope;
    /** Answers without a key. */
    open?: boolean;
    /** Opened in a browser, which asks its user for a password: the key is it. */
    browser?: boolean;
    /** Takes a large body: another pace, and no time limit for the whole. */
    upload?: boolean;
  }
}

const everything: Caller = { tenant: 'local', scopes, keyId: null };

/** Every route asks for a key and a scope, unless its config says `open`. */
export function authenticate(app: FastifyInstance, { adminKey, keys }: { adminKey: string | null; keys: Keys }): void {
  const adminHash = adminKey === null ? null : hashOf(adminKey);
  app.decorateRequest('caller', null as unknown as Caller);
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions;
    if (config.open || request.is404 || request.method === 'OPTIONS') return;
    request.caller = adminHash === null ? openCaller(request) : await callerOf(request, adminHash, keys);
    const needed = config.scope ?? (request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write');
    if (!request.caller.scopes.includes(needed)) throw new CutroomError('FORBIDDEN', `This needs a key with the scope ${needed}.`);
  });
}

/** A service without keys listens on loopback only; a page of another site must not reach it under a name of its own. */
function openCaller({ hostname }: FastifyRequest): Caller {
  const name = hostname.replace(/^\[|\]$/g, '');
  if (isIP(name) || name === 'localhost' || name.endsWith('.localhost')) return everything;
  throw new CutroomError('FORBIDDEN', 'Without keys this service answers on a loopback address only.');
}

async function callerOf(request: FastifyRequest, adminHash: Buffer, keys: Keys): Promise<Caller> {
  const token = tokenOf(request);
  if (!token) throw new CutroomError('UNAUTHORIZED', 'The Authorization header holds no Bearer key.');
  const hash = hashOf(token);
  if (timingSafeEqual(hash, adminHash)) return everything;
  const key = await keys.find(hash.toString('hex'));
  if (!key) throw new CutroomError('UNAUTHORIZED', 'The key is unknown or revoked.');
  return { tenant: key.tenant, scopes: key.scopes, keyId: key.id };
}

function tokenOf({ headers: { authorization = '' }, routeOptions }: FastifyRequest): string | undefined {
  const basic = routeOptions.config.browser ? /^Basic +(\S+)$/i.exec(authorization)?.[1] : undefined;
  if (basic) return Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':');
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
