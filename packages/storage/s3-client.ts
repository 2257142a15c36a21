import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Address } from './s3-address.ts';
import type { ByteRange } from './storage.ts';

/** One request each, nothing repeated: who asks knows whether a second try is safe. Keys are whole, prefix included. */
export interface S3Requests {
  get(key: string, range?: ByteRange): Promise<Readable>;
  /** With `ifAbsent` the store refuses (412) when the key exists. */
  put(key: string, bytes: Uint8Array, options: { ifAbsent: boolean }): Promise<void>;
  /** Always create-if-absent; large files go up in parts. */
  putFile(key: string, file: { path: string; bytes: number }, signal: AbortSignal): Promise<void>;
  head(key: string): Promise<{ bytes: number; modifiedMs: number }>;
  delete(key: string): Promise<void>;
  list(prefix: string, page: { after?: string; limit: number }): Promise<{ entries: { key: string; bytes: number }[]; more: boolean }>;
  close(): void;
}

const partBytes = 16 * 2 ** 20;
const connectTimeoutMs = 5_000;
/** Silence on a socket. */
const readTimeoutMs = 60_000;
const mostSockets = 64;

const nothing = () => {};
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Loads the SDK only here: the file store must not pay for it. Credentials are found the AWS way. */
export async function createS3Requests({ bucket, region, endpoint }: S3Address): Promise<S3Requests> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    region,
    ...(endpoint && { endpoint, forcePathStyle: true }),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: connectTimeoutMs, socketTimeout: readTimeoutMs, httpsAgent: { maxSockets: mostSockets } },
    logger: silent, // it prints what is an expected answer here
    // The SDK's default frames streamed bodies, and some servers store the frames as content.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  return {
    async get(key, range) {
      const wanted = range ? { Range: `bytes=${range.start}-${range.end}` } : {};
      const { Body } = await client.send(new sdk.GetObjectCommand({ ...at(key), ...wanted }));
      return Body as Readable;
    },
    async put(key, bytes, { ifAbsent }) {
      await client.send(new sdk.PutObjectCommand({ ...at(key), Body: bytes, ...(ifAbsent && { IfNoneMatch: '*' }) }));
    },
    async putFile(key, { path, bytes }, signal) {
      if (bytes > partBytes) return uploadInParts({ client, target: at(key), path }, signal);
      const input = { ...at(key), Body: createReadStream(path), ContentLength: bytes, IfNoneMatch: '*' };
      await client.send(new sdk.PutObjectCommand(input), { abortSignal: signal });
    },
    async head(key) {
      const { ContentLength, LastModified } = await client.send(new sdk.HeadObjectCommand(at(key)));
      return { bytes: ContentLength ?? 0, modifiedMs: LastModified?.getTime() ?? 0 };
    },
    async delete(key) {
      await client.send(new sdk.DeleteObjectCommand(at(key)));
    },
    async list(prefix, { after, limit }) {
      const page = { Bucket: bucket, Prefix: prefix, MaxKeys: limit, ...(after && { StartAfter: after }) };
      const { Contents = [], IsTruncated = false } = await client.send(new sdk.ListObjectsV2Command(page));
      return { entries: Contents.map(({ Key = '', Size = 0 }) => ({ key: Key, bytes: Size })), more: IsTruncated };
    },
    close: () => client.destroy(),
  };
}

async function uploadInParts(
  { client, target, path }: { client: S3Client; target: { Bucket: string; Key: string }; path: string },
  signal: AbortSignal,
): Promise<void> {
  const { Upload } = await import('@aws-sdk/lib-storage');
  const params = { ...target, Body: createReadStream(path, { highWaterMark: partBytes }), IfNoneMatch: '*' };
  const upload = new Upload({ client, params, partSize: partBytes, queueSize: 2 });
  const abort = () => void upload.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await upload.done();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
