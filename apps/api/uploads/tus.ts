import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FileStore } from '@tus/file-store';
import { type Locker, MemoryLocker, Server } from '@tus/server';
import type { FastifyRequest } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { idSchema } from '#contracts/ids';
import { checkRoom } from '../room.ts';
import type { FinishUpload } from './finish.ts';
import { listUploads, removeUpload } from './records.ts';
import { fromTus, fromTusText } from './tus-faults.ts';

export interface TusOptions {
  dir: string;
  maxBytes: number;
  minFreeShare: number;
  /** Refuses what the tenant may not keep besides. */
  checkQuota: (tenant: string, bytes: number) => Promise<void>;
  finish: FinishUpload;
  /** Left out where only this process writes. */
  locker?: Locker | undefined;
}

export interface TusCall {
  tenant: string;
  /** What a new upload is called; it will be the asset's id. */
  newId: string;
}

export interface TusAnswer {
  status: number;
  headers: Record<string, string>;
}

interface Call {
  newId: string;
  finished?: string;
  error?: unknown;
}

export const expiryMs = 24 * 3_600_000;
const isAssetId = (id: string): boolean => idSchema('ast').safeParse(id).success;

/** tus 1.0.0 by @tus/server, one folder per tenant; everything it refuses leaves as a row of our error table. */
export function createTus({ dir, maxBytes, minFreeShare, checkQuota, finish, locker = new MemoryLocker() }: TusOptions) {
  const servers = new Map<string, Server>();
  const calls = new WeakMap<object, Call>();

  const serverOf = (tenant: string): Server => {
    const known = servers.get(tenant);
    if (known) return known;
    const directory = join(dir, tenant);
    const datastore = new FileStore({ directory, expirationPeriodInMilliseconds: expiryMs });
    const server = new Server({
      path: '/v1/uploads',
      datastore,
      locker,
      maxSize: maxBytes,
      relativeLocation: true,
      namingFunction: (request) => calls.get(request)?.newId ?? '',
      getFileIdFromRequest: (_request, last) => (last !== undefined && isAssetId(last) ? last : undefined),
      onUploadCreate: async (_request, upload) => {
        await mkdir(directory, { recursive: true }); // the store makes it too, but does not wait for it
        const open = await listUploads(directory);
        const reserved = open.reduce((sum, { info, bytes }) => sum + Math.max(0, (info.size ?? maxBytes) - bytes), 0);
        const wanted = upload.size ?? maxBytes;
        await checkQuota(
          tenant,
          open.reduce((sum, { info }) => sum + (info.size ?? maxBytes), wanted),
        );
        await checkRoom(dir, { bytes: reserved + wanted, minFreeShare });
        return {};
      },
      onUploadFinish: async (request, upload) => {
        await finish({ tenant, dir: directory, id: upload.id, metadata: upload.metadata ?? {} });
        const call = calls.get(request);
        if (call) call.finished = upload.id;
        return {};
      },
      onResponseError: (request, error) => {
        const call = calls.get(request);
        if (call) call.error = error;
        return undefined;
      },
    });
    servers.set(tenant, server);
    return server;
  };

  /** Throws a `CutroomError` for everything that is not a success. */
  return async function handle(request: FastifyRequest, { tenant, newId }: TusCall): Promise<TusAnswer> {
    if (request.method !== 'OPTIONS' && request.headers['tus-resumable'] !== '1.0.0') {
      throw new CutroomError('TUS_VERSION_UNSUPPORTED', 'Only tus 1.0.0 is spoken here.');
    }
    const web = toWebRequest(request);
    const call: Call = { newId };
    calls.set(web, call);
    const response = await serverOf(tenant).handleWeb(web as never);
    // Only now: the library still looks at the record while it writes its answer.
    if (call.finished) await removeUpload(join(dir, tenant), call.finished);
    if (call.error) throw fromTus(call.error, maxBytes);
    if (response.status >= 400) throw fromTusText(response.status, await response.text());
    return { status: response.status, headers: ownHeaders(response.headers) };
  };
}

/** The bytes go straight from the socket to the store. */
function toWebRequest({ method, raw, headers, host, protocol, url }: FastifyRequest): Request {
  const pairs = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : []));
  const hasBody = method === 'POST' || method === 'PATCH';
  return new Request(`${protocol}://${host || 'localhost'}${url}`, {
    method,
    headers: pairs,
    ...(hasBody && { body: Readable.toWeb(raw), duplex: 'half' }),
  } as unknown as RequestInit);
}

/** Of what it answers only the protocol's own headers: who may read across origins is not its decision. */
function ownHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => /^(tus-|upload-|location$|cache-control$)/.test(name)));
}
