import type { ServerResponse } from 'node:http';
import type { FakeCall } from './fake-gemini.ts';

/** What one call meets. */
export type Behaviour =
  | { kind: 'answer'; delayMs?: number }
  /** This text, or this value as JSON, instead of the derived answer. */
  | { kind: 'say'; value?: unknown; text?: string }
  | { kind: 'status'; status: number; delayMs?: number }
  /** 429 of a minute: come back after so long. */
  | { kind: 'too_fast'; retryDelay: string | null }
  /** 429 of a day. */
  | { kind: 'day_spent' }
  /** 429 for ever. */
  | { kind: 'no_quota' }
  | { kind: 'hang' }
  | { kind: 'reset' }
  /** Valid HTTP around half of the answer's JSON. */
  | { kind: 'half_json' }
  /** The connection ends inside the body. */
  | { kind: 'cut_body' }
  /** A byte now and then, for ever. */
  | { kind: 'drip' }
  | { kind: 'garbage' }
  | { kind: 'huge'; bytes: number }
  | { kind: 'blocked' }
  | { kind: 'max_tokens' }
  /** Not the picture that it says it is. */
  | { kind: 'bad_image' };

interface Scene {
  call: FakeCall;
  response: ServerResponse;
  url: URL;
  /** The derived answer: parts of the candidate. */
  answer: () => AnswerPart[];
}
export type AnswerPart = { text: string } | { inlineData: { mimeType: string; data: string } };

export async function behave(behaviour: Behaviour, scene: Scene): Promise<void> {
  await (plays[behaviour.kind] as (behaviour: Behaviour, scene: Scene) => void | Promise<void>)(behaviour, scene);
}

const plays: { [K in Behaviour['kind']]: (behaviour: Extract<Behaviour, { kind: K }>, scene: Scene) => void | Promise<void> } = {
  answer: async ({ delayMs = 0 }, scene) => {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs)); // a model takes its time
    send(scene, scene.answer());
  },
  say: ({ value, text }, scene) => send(scene, [{ text: text ?? JSON.stringify(value) }]),
  status: async ({ status, delayMs = 0 }, { response }) => {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs)); // so do its failures
    refuse(response, { status, message: `status ${status}`, details: [] });
  },
  too_fast: ({ retryDelay }, { response }) => refuseQuota(response, 'GenerateRequestsPerMinutePerProjectPerModel', { retryDelay }),
  day_spent: (_, { response }) => refuseQuota(response, 'GenerateRequestsPerDayPerProjectPerModel', { retryDelay: '35640s' }),
  no_quota: (_, { response }) => refuseQuota(response, 'GenerateRequestsPerDayPerProjectPerModel', { retryDelay: '20s', quotaValue: '0' }),
  hang: () => undefined,
  reset: (_, { response }) => void response.socket?.resetAndDestroy(),
  half_json: (_, scene) => {
    const text = textOf(scene.answer());
    send(scene, [{ text: text.slice(0, text.length >> 1) }]);
  },
  cut_body: (_, { response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"candidates":[');
    setImmediate(() => response.destroy());
  },
  drip: (_, { response }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 50);
    response.once('close', () => clearInterval(timer));
  },
  garbage: (_, { response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>gateway</html>'),
  huge: ({ bytes }, scene) => send(scene, [{ text: JSON.stringify({ title: 'x'.repeat(bytes) }) }]),
  blocked: (_, { response }) => sendJson(response, { promptFeedback: { blockReason: 'SAFETY' } }),
  max_tokens: (_, scene) => send(scene, [{ text: textOf(scene.answer()).slice(0, 20) }], 'MAX_TOKENS'),
  bad_image: (_, scene) => send(scene, [{ inlineData: { mimeType: 'image/png', data: Buffer.from('no picture').toString('base64') } }]),
};

const textOf = (parts: AnswerPart[]) => parts.map((part) => ('text' in part ? part.text : '')).join('');

/** An answer in the form of the method: one object, or events. */
function send({ call, response, url }: Scene, parts: AnswerPart[], finishReason = 'STOP'): void {
  call.tokensOut = Math.ceil(textOf(parts).length / 4) + parts.filter((part) => 'inlineData' in part).length * 1_120;
  const answer = {
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason }],
    usageMetadata: {
      promptTokenCount: call.tokensIn,
      candidatesTokenCount: call.tokensOut,
      totalTokenCount: call.tokensIn + call.tokensOut,
    },
  };
  if (call.method === 'countTokens') sendJson(response, { totalTokens: call.tokensIn });
  else if (url.searchParams.get('alt') !== 'sse') sendJson(response, answer);
  else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify(answer)}\r\n\r\n`);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuseQuota(response: ServerResponse, quotaId: string, told: { retryDelay: string | null; quotaValue?: string }): void {
  const { retryDelay, quotaValue = '15' } = told;
  const violations = [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId, quotaValue }];
  const info = retryDelay === null ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }];
  const details = [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations }, ...info];
  refuse(response, { status: 429, message: `You exceeded your current quota, limit: ${quotaValue}`, details });
}

function refuse(response: ServerResponse, { status, message, details }: { status: number; message: string; details: unknown[] }): void {
  const error = { code: status, message, status: 'FAILED', details };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}
