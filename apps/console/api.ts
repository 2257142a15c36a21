/** What the service says when something is refused (RFC 9457). */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  code?: string;
  advice?: string;
  request_id?: string;
  errors?: { pointer: string; detail: string }[];
}

/** A refusal, or a service that cannot be reached (`status` 0). */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
  has_more: boolean;
}

const keyName = 'cutroom.key';
type AskForKey = (refused: boolean) => Promise<string>;
let askForKey: AskForKey = async () => '';
let asking: Promise<string> | null = null;

/** Who asks a person for the key, once the service wants one. */
export function onMissingKey(ask: AskForKey): void {
  askForKey = ask;
}

export const hasKey = (): boolean => sessionStorage.getItem(keyName) !== null;
export const forgetKey = (): void => sessionStorage.removeItem(keyName);

/** An address of the service; it may live below a path of a proxy, as this page does. */
export const addressOf = (path: string): string => new URL(`..${path}`, document.baseURI).href;

/** One request, with the key when there is one; 401 asks for it and tries again. Throws ApiError for every refusal. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const used = sessionStorage.getItem(keyName);
    const headers = new Headers(init.headers);
    if (used) headers.set('authorization', `Bearer ${used}`);
    const answer = await fetch(addressOf(path), { ...init, headers }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new ApiError({ title: 'The service cannot be reached', status: 0, detail: 'Check that it runs; this page tries again.' });
    });
    if (answer.ok || answer.status === 304) return answer;
    if (answer.status !== 401) throw new ApiError(await readProblem(answer));
    await renewKey(used);
  }
}

export async function read<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  return (await send(path, signal ? { signal } : {})).json() as Promise<Body>;
}

export async function write<Body>(
  method: 'POST' | 'PUT',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Body> {
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  return (await send(path, { method, ...json })).json() as Promise<Body>;
}

/** Requests that are refused at the same time ask once. */
async function renewKey(used: string | null): Promise<void> {
  if (sessionStorage.getItem(keyName) !== used) return;
  asking ??= askForKey(used !== null).finally(() => {
    asking = null;
  });
  sessionStorage.setItem(keyName, await asking);
}

async function readProblem(answer: Response): Promise<Problem> {
  const problem = (await answer.json().catch(() => null)) as Partial<Problem> | null;
  return { title: 'The request was refused', detail: '', status: answer.status, ...problem };
}
