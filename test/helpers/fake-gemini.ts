import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answering, answerLike } from './fake-gemini-answers.ts';
import { type Behaviour, behave } from './fake-gemini-behaviour.ts';
import { createFakeFiles } from './fake-gemini-files.ts';

export interface FakeCall {
  model: string;
  method: string;
  /** The question's own data: what our prompts put into the first text part. */
  data: Record<string, unknown>;
  body: GeminiBody;
  atMs: number;
  endedMs: number | null;
  /** The caller hung up before the answer was out. */
  hungUp: boolean;
  tokensIn: number;
  tokensOut: number;
}

export interface GeminiBody {
  /** How `countTokens` says what it would ask. */
  generateContentRequest?: GeminiBody;
  systemInstruction?: { parts: { text?: string }[] };
  contents: { parts: { text?: string; inlineData?: { mimeType: string; data: string } }[] }[];
  generationConfig?: { maxOutputTokens?: number; responseModalities?: string[]; responseJsonSchema?: unknown };
}

/** Decides for each call, by what it is and the how manieth. */
export type Mood = (call: FakeCall, number: number) => Behaviour;

export type FakeGemini = Awaited<ReturnType<typeof startFakeGemini>>;

/** The vendor's REST protocol on loopback: what is asked is recorded, what is answered is derived from it or scripted. */
export async function startFakeGemini(answering: Answering & { port?: number } = {}) {
  const calls: FakeCall[] = [];
  const queue: Behaviour[] = [];
  let always: Behaviour | Mood | null = null;
  let open = 0;
  let mostOpen = 0;
  const files = createFakeFiles();

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  server.keepAliveTimeout = 60_000; // a test may think for long between two questions

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const bytes = await readAll(request);
    if (/\/files(\/|$)/.test(url.pathname)) return files.handle({ request, response, url, bytes });
    const [, model = '', method = ''] = /\/models\/([^:/]+):(\w+)$/.exec(url.pathname) ?? [];
    if (request.headers['x-goog-api-key'] === undefined) return refuse(response, 403, 'no API key');
    if (method === '') return refuse(response, 404, 'no such method');
    const call = toCall({ model, method, body: JSON.parse(bytes.toString()) as GeminiBody });
    calls.push(call);
    mostOpen = Math.max(mostOpen, ++open);
    response.once('close', () => {
      open--;
      call.endedMs = performance.now();
      call.hungUp = !response.writableFinished;
    });
    const now = typeof always === 'function' ? always(call, calls.length) : always;
    await behave(queue.shift() ?? now ?? { kind: 'answer' }, { call, response, url, answer: () => answerLike(call, answering) });
  }

  await new Promise<void>((resolve) => server.listen(answering.port ?? 0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    files,
    /** The next calls behave so, one each; then as before. */
    script: (...behaviours: Behaviour[]) => void queue.push(...behaviours),
    /** Every call that has no script behaves so; null = answers. */
    become: (behaviour: Behaviour | Mood | null) => {
      always = behaviour;
    },
    get open() {
      return open;
    },
    get mostOpen() {
      return mostOpen;
    },
    reset() {
      calls.length = 0;
      queue.length = 0;
      always = null;
      mostOpen = open;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toCall({ model, method, body }: Pick<FakeCall, 'model' | 'method' | 'body'>): FakeCall {
  const parts = (body.generateContentRequest ?? body).contents?.flatMap((content) => content.parts) ?? [];
  const texts = parts.map((part) => part.text ?? '').join('');
  const data = readData(parts);
  const images = parts.filter((part) => part.inlineData?.mimeType.startsWith('image/')).length;
  const audio = parts.some((part) => part.inlineData?.mimeType.startsWith('audio/'))
    ? Number(data['to_s'] ?? 0) - Number(data['from_s'] ?? 0)
    : 0;
  const media = Math.ceil(1_120 * images + 32 * audio);
  return {
    model,
    method,
    body,
    data,
    atMs: performance.now(),
    endedMs: null,
    hungUp: false,
    tokensIn: Math.ceil(texts.length / 4) + media,
    tokensOut: 0,
  };
}

function readData(parts: GeminiBody['contents'][number]['parts']): Record<string, unknown> {
  try {
    return JSON.parse(parts.find((part) => part.text !== undefined)?.text ?? '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code: status, message } }));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
