import { ApiError, send } from './api.ts';
import { pause } from './dom.ts';

/** Small enough that a lost connection costs little, large enough that requests do not. */
const pieceBytes = 4 * 1_048_576;
const tries = 5;
const tus = { 'tus-resumable': '1.0.0' };

/** Uploads a file of any size in pieces (tus): a piece that is lost is sent again from where the service stands. Returns the asset's id. */
export async function uploadFile(
  file: File,
  { onProgress, signal }: { onProgress: (share: number) => void; signal: AbortSignal },
): Promise<string> {
  const metadata = `filename ${toBase64(file.name)}`;
  const headers = { ...tus, 'upload-length': String(file.size), 'upload-metadata': metadata };
  const created = await send('/v1/uploads', { method: 'POST', headers, signal });
  const id = created.headers.get('location')?.split('/').at(-1) ?? '';
  let offset = 0;
  for (let failed = 0; offset < file.size; ) {
    try {
      offset = await sendPiece({ id, file, offset, signal });
      failed = 0;
      onProgress(offset / file.size);
    } catch (error) {
      failed += 1;
      if (signal.aborted || failed >= tries || !mayPass(error)) throw error;
      await pause(500 * 2 ** failed, signal);
      offset = await readOffset(id, signal).catch(() => offset);
    }
  }
  return id;
}

async function sendPiece({ id, file, offset, signal }: { id: string; file: File; offset: number; signal: AbortSignal }): Promise<number> {
  const answer = await send(`/v1/uploads/${id}`, {
    method: 'PATCH',
    headers: { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    body: file.slice(offset, offset + pieceBytes),
    signal,
  });
  return Number(answer.headers.get('upload-offset'));
}

const readOffset = async (id: string, signal: AbortSignal): Promise<number> =>
  Number((await send(`/v1/uploads/${id}`, { method: 'HEAD', headers: tus, signal })).headers.get('upload-offset'));

/** Faults of the way and of the moment; a refusal of the file itself is final. */
const mayPass = (error: unknown): boolean => error instanceof ApiError && [0, 409, 423, 429, 503].includes(error.problem.status);

const toBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
