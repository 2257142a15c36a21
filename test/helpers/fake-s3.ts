import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What goes wrong with the next requests of a method. `late`: done, but the answer never arrives. */
export type S3Fault = 'slow_down' | 'conflict' | 'late' | 'cut';

export interface FakeS3 {
  /** For CUTROOM_STORAGE_URL; credentials are any. */
  url: string;
  port: number;
  objects: Map<string, Buffer>;
  requests: { method: string; key: string }[];
  fail(method: string, ...faults: S3Fault[]): void;
  close(): Promise<void>;
}

interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  key: string;
  query: URLSearchParams;
  body: Buffer;
}

const bucket = 'footage';
const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** The vendor's SDK signs with whatever it finds here; nobody checks. */
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });

/** Object storage on loopback: conditional writes, ranges, parts, small pages; `careless` overwrites whatever was asked. */
export async function startFakeS3({ careless = false, pageKeys = 7 } = {}): Promise<FakeS3> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const requests: FakeS3['requests'] = [];
  const faults = new Map<string, S3Fault[]>();

  const store = ({ request, response, key }: Call, bytes: Buffer) => {
    if (request.headers['if-none-match'] === '*' && objects.has(key) && !careless) return refuse(response, 412, 'PreconditionFailed');
    objects.set(key, bytes);
    response.setHeader('etag', etagOf(bytes));
    answer(response, 200, '');
  };
  const routes: Record<string, (call: Call) => void> = {
    'PUT part'({ response, query, body }) {
      uploads.get(query.get('uploadId')!)!.set(Number(query.get('partNumber')), body);
      response.setHeader('etag', etagOf(body));
      answer(response, 200, '');
    },
    'POST uploads'({ response, key }) {
      const id = `u${uploads.size}`;
      uploads.set(id, new Map());
      answer(response, 200, `<InitiateMultipartUploadResult><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    },
    'POST complete'(call) {
      const parts = [...uploads.get(call.query.get('uploadId')!)!].sort(([a], [b]) => a - b);
      const bytes = Buffer.concat(parts.map(([, part]) => part));
      if (call.request.headers['if-none-match'] === '*' && objects.has(call.key) && !careless)
        return refuse(call.response, 412, 'PreconditionFailed');
      objects.set(call.key, bytes);
      answer(call.response, 200, `<CompleteMultipartUploadResult><ETag>${etagOf(bytes)}</ETag></CompleteMultipartUploadResult>`);
    },
    PUT: (call) => store(call, call.body),
    GET: ({ request, response, key }) => send({ request, response, bytes: objects.get(key), withBody: true }),
    HEAD: ({ request, response, key }) => send({ request, response, bytes: objects.get(key), withBody: false }),
    DELETE({ response, key, query }) {
      if (query.has('uploadId')) uploads.delete(query.get('uploadId')!);
      else objects.delete(key);
      answer(response, 204, '');
    },
    'GET list': ({ response, query }) => list(response, query, { objects, pageKeys }),
  };

  const server = createServer(async (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url!, 'http://s3');
    const [, name, ...segments] = pathname.split('/');
    const key = decodeURIComponent(segments.join('/'));
    const { method = '' } = request;
    requests.push({ method, key });
    if (name !== bucket) return refuse(response, 404, 'NoSuchBucket');
    const call = { request, response, key, query, body: await buffer(request) };
    const fault = faults.get(method)?.shift();
    if (fault === 'slow_down') return refuse(response, 503, 'SlowDown');
    if (fault === 'conflict') return refuse(response, 409, 'ConditionalRequestConflict');
    if (fault === 'late') response.end = (() => request.socket.destroy()) as unknown as ServerResponse['end'];
    if (fault === 'cut') {
      const bytes = objects.get(key)!;
      response.writeHead(200, { 'content-length': bytes.length });
      return void response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
    }
    routes[routeOf(method, key, query)]!(call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    port,
    url: `s3://${bucket}/cut/room?endpoint=${encodeURIComponent(endpoint)}`,
    objects,
    requests,
    fail: (method, ...next) => void faults.set(method, [...(faults.get(method) ?? []), ...next]),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function routeOf(method: string, key: string, query: URLSearchParams): string {
  if (method === 'GET' && key === '') return 'GET list';
  if (method === 'PUT' && query.has('partNumber')) return 'PUT part';
  if (method === 'POST') return query.has('uploads') ? 'POST uploads' : 'POST complete';
  return method;
}

function send(input: { request: IncomingMessage; response: ServerResponse; bytes: Buffer | undefined; withBody: boolean }): void {
  const { request, response, bytes, withBody } = input;
  if (bytes === undefined) {
    answer(response, 404, withBody ? toError('NoSuchKey') : '');
    return;
  }
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const part = from === undefined ? bytes : bytes.subarray(Number(from), Number(to) + 1);
  response.writeHead(from === undefined ? 200 : 206, { 'content-length': part.length, 'last-modified': new Date().toUTCString() });
  response.end(withBody ? part : undefined);
}

function list(response: ServerResponse, query: URLSearchParams, store: { objects: Map<string, Buffer>; pageKeys: number }): void {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('start-after') ?? '';
  const keys = [...store.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, Math.min(store.pageKeys, Number(query.get('max-keys') ?? 1000)));
  const contents = page.map((key) => `<Contents><Key>${key}</Key><Size>${store.objects.get(key)!.length}</Size></Contents>`);
  answer(response, 200, `<ListBucketResult><IsTruncated>${page.length < keys.length}</IsTruncated>${contents.join('')}</ListBucketResult>`);
}

const toError = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
const refuse = (response: ServerResponse, status: number, code: string) => answer(response, status, toError(code));

function answer(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, xml === '' ? {} : { 'content-type': 'application/xml' });
  response.end(xml);
}
