import type { IncomingMessage, ServerResponse } from 'node:http';

interface FakeFile {
  name: string;
  uri: string;
  mimeType: string;
  sizeBytes: string;
  state: string;
}

/** The vendor's file service, as far as its SDK speaks to it: upload in one multipart body, get, list, delete. */
export function createFakeFiles() {
  const files = new Map<string, FakeFile>();

  function upload(bytes: Buffer): FakeFile {
    const [, head = '{}'] = bytes.toString('latin1').split('\r\n\r\n');
    const { file } = JSON.parse(head.split('\r\n')[0] ?? '{}') as { file?: { mimeType?: string } };
    const name = `files/fake-${files.size + 1}`;
    const stored = { name, uri: `fake:${name}`, mimeType: file?.mimeType ?? '', sizeBytes: String(bytes.length), state: 'ACTIVE' };
    files.set(name, stored);
    return stored;
  }

  function answer(asked: { url: URL; name: string | undefined; bytes: Buffer; method: string | undefined }): {
    status?: number;
    value: unknown;
  } {
    const { url, name, bytes, method } = asked;
    if (url.pathname.startsWith('/upload/')) return { value: { file: upload(bytes) } };
    if (name === undefined) return { value: { files: [...files.values()] } };
    const file = files.get(name);
    if (!file) return { status: 404, value: { error: { code: 404, message: 'no such file' } } };
    if (method === 'DELETE') files.delete(name);
    return { value: method === 'DELETE' ? {} : file };
  }

  return {
    files,
    handle({ request, response, url, bytes }: { request: IncomingMessage; response: ServerResponse; url: URL; bytes: Buffer }): void {
      const name = /files\/[\w-]+$/.exec(url.pathname)?.[0];
      const { status = 200, value } = answer({ url, name, bytes, method: request.method });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    },
  };
}
