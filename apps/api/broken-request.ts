import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { CutroomError, type ErrorCode } from '#contracts/errors';
import { createId } from '#contracts/ids';
import { problemContentType, toProblem } from './problems.ts';

const codes: Record<string, [ErrorCode, string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The head of the request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The headers may have 16 KiB together.'],
};

/** What Node's parser refuses never reaches a route, and is answered as a problem all the same. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [code, detail] = codes[error.code ?? ''] ?? ['BODY_UNREADABLE', 'This is not well-formed HTTP.'];
  const problem = toAnonymousProblem(code, detail);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${problem.request_id}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** `Expect` of anything but 100-continue. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const problem = toAnonymousProblem('REQUEST_INVALID', 'The Expect header asks for what is not offered.');
  const body = JSON.stringify(problem);
  const headers = {
    'content-type': problemContentType,
    'content-length': Buffer.byteLength(body),
    'x-request-id': problem.request_id,
    connection: 'close',
  };
  response.writeHead(problem.status, headers).end(body);
}

const toAnonymousProblem = (code: ErrorCode, detail: string) =>
  toProblem(new CutroomError(code, detail), { id: createId('req'), path: '/' });
