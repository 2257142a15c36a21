import { createWriteStream, openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { type AssetView, assetViewSchema, type JobEvent, type JobView, jobEventSchema, jobViewSchema } from '#contracts/job';
import type { JobRequest } from '#contracts/request';

const problemSchema = z.object({
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  code: z.string().optional(),
  advice: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  request_id: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** The API said no, in the words of its problem+json. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

export interface Client {
  upload(path: string): Promise<AssetView>;
  createJob(request: JobRequest): Promise<JobView>;
  job(id: string): Promise<JobView>;
  /** The job's history as it grows; ends with the connection. */
  follow(id: string, signal: AbortSignal): AsyncGenerator<JobEvent>;
  report(id: string): Promise<unknown>;
  plan(id: string): Promise<unknown>;
  download(url: string, path: string): Promise<void>;
}

/** Talks to the API the way any program would: over HTTP alone. */
export function createClient({ url, key, signal }: { url: string; key: string | undefined; signal: AbortSignal }): Client {
  const authorization: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { ...authorization, ...(init.headers as Record<string, string>) };
    const answer = await fetch(new URL(path, url), { signal, ...init, headers });
    if (!answer.ok) throw new ProblemError(await toProblem(answer));
    return answer;
  };
  const json = async (path: string, init?: RequestInit): Promise<unknown> => (await ask(path, init)).json();
  const job = (id: string) => `/v1/jobs/${id}`;
  return {
    upload: async (path) => {
      const body = new FormData();
      body.set('file', await openAsBlob(path), basename(path));
      return assetViewSchema.parse(await json('/v1/assets', { method: 'POST', body }));
    },
    createJob: async (request) => {
      const headers = { 'content-type': 'application/json' };
      return jobViewSchema.parse(await json('/v1/jobs', { method: 'POST', headers, body: JSON.stringify(request) }));
    },
    job: async (id) => jobViewSchema.parse(await json(job(id))),
    follow: async function* (id, until) {
      const answer = await ask(`${job(id)}/events`, { headers: { accept: 'text/event-stream' }, signal: AbortSignal.any([signal, until]) });
      yield* parseEvents(answer.body!);
    },
    report: (id) => json(`${job(id)}/report`),
    plan: (id) => json(`${job(id)}/plan`),
    download: async (from, path) => {
      const { body } = await ask(from);
      await pipeline(Readable.fromWeb(body as import('node:stream/web').ReadableStream), createWriteStream(path), { signal });
    },
  };
}

async function* parseEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<JobEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const event = parseMessage(message);
      if (event) yield event;
    }
  }
}

/** One server-sent message; null for comments and hints that carry no event. */
export function parseMessage(message: string): JobEvent | null {
  const fields = new Map(message.split('\n').map((line) => [line.split(':', 1)[0]!, line.slice(line.indexOf(':') + 1).trimStart()]));
  const data = fields.get('data');
  return data === undefined ? null : jobEventSchema.parse({ ...(JSON.parse(data) as object), id: fields.get('id') });
}

async function toProblem(answer: Response): Promise<Problem> {
  const text = await answer.text();
  try {
    return problemSchema.parse(JSON.parse(text));
  } catch {
    return { title: `The service answered ${answer.status} ${answer.statusText}`, status: answer.status, detail: text.slice(0, 500) };
  }
}
