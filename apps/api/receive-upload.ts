import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import { parseJson } from './json-body.ts';

/** A file on our disk, hashed on the way in. */
export interface ReceivedFile {
  path: string;
  name: string;
  bytes: number;
  sha256: string;
}

export interface Multipart {
  file: ReceivedFile;
  /** The `request` part, parsed; undefined when there was none. */
  request: unknown;
}

export interface ReceiveOptions {
  dir: string;
  maxBytes: number;
}

const maxRequestBytes = 8 * 1024 * 1024;

/** Multipart `file` (exactly one) and, when wanted, `request` (JSON), in any order. On any fault nothing stays on the disk. */
export async function receiveMultipart(request: FastifyRequest, options: ReceiveOptions): Promise<Multipart> {
  const received: { file?: ReceivedFile; request?: unknown } = {};
  try {
    for await (const part of request.parts({ limits: partLimits(options.maxBytes) })) {
      if (part.type === 'file' && part.fieldname === 'file') received.file = await saveFile(part, options);
      else if (part.fieldname === 'request') received.request = await readRequestPart(part);
      else throw partFault(part.fieldname, 'expected the parts file and request only');
    }
    if (!received.file) throw partFault('file', 'required');
    return { file: received.file, request: received.request };
  } catch (error) {
    if (received.file) await discard(received.file);
    throw toUploadFault(error);
  }
}

export const discard = (file: ReceivedFile): Promise<void> => rm(file.path, { force: true });

export const tooLarge = (maxBytes: number) => new CutroomError('UPLOAD_TOO_LARGE', `A file may have ${maxBytes} bytes at most.`);

async function saveFile(part: MultipartFile, { dir, maxBytes }: ReceiveOptions): Promise<ReceivedFile> {
  const path = join(dir, `${createId('req')}.part`);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const measured = async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    await pipeline(part.file, measured, createWriteStream(path, { flags: 'wx' }));
    if (part.file.truncated) throw tooLarge(maxBytes);
    return { path, name: toDisplayName(part.filename), bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** curl sends `-F 'request=@job.json'` as a file, others as a field; both are one JSON text. */
async function readRequestPart(part: Exclude<Parts, never>): Promise<unknown> {
  if (part.type === 'field') {
    if (part.valueTruncated) throw tooLarge(maxRequestBytes);
    return typeof part.value === 'string' ? parseJson(part.value) : parseJson(JSON.stringify(part.value ?? null));
  }
  const text = await buffer(part.file);
  if (part.file.truncated || text.length > maxRequestBytes) throw tooLarge(maxRequestBytes);
  return parseJson(text.toString());
}

type Parts = ReturnType<FastifyRequest['parts']> extends AsyncIterableIterator<infer Part> ? Part : never;

const partLimits = (fileSize: number) => ({
  fileSize,
  fieldSize: maxRequestBytes,
  files: 2,
  fields: 2,
  parts: 3,
  headerPairs: 50,
  fieldNameSize: 100,
});

const partFault = (name: string, detail: string) =>
  new CutroomError('REQUEST_INVALID', { detail: `The multipart part ${name}: ${detail}.`, errors: [{ pointer: `/${name}`, detail }] });

/** What busboy throws is a plain Error without a status: the body was cut or is no multipart. */
function toUploadFault(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CutroomError || 'statusCode' in error || 'syscall' in error) return error;
  return new CutroomError('BODY_UNREADABLE', { detail: 'The multipart body is broken off or malformed.', cause: error });
}

/** A user's file name is data: shown, never a path. */
export function toDisplayName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be stored
  const clean = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return clean.slice(0, 255) || 'upload';
}
