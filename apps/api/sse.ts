import type { FastifyReply } from 'fastify';
import type { JobEvent } from '#contracts/job';
import { linkSignals } from '#runtime/linked-signal';

export interface EventStream {
  follow: (signal: AbortSignal) => AsyncIterable<JobEvent>;
  /** Ends the stream from our side; the client has been told when to come back. */
  closing: AbortSignal;
}

const heartbeatMs = 15_000;
/** A reader that leaves more than this unread is dropped; Last-Event-ID brings it back to where it was. */
const maxUnreadBytes = 65_536;
const reconnectMs = 1_000;

/** Sends events until they end, the client goes, or `closing` aborts. The reply is taken over. */
export async function streamEvents(reply: FastifyReply, { follow, closing }: EventStream): Promise<void> {
  const { raw } = reply.hijack();
  const { signal, abort, unlink } = linkSignals([closing]);
  raw.once('close', () => abort());
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    // Nothing follows a stream, and a kept connection would hold up a stopping process.
    connection: 'close',
  });
  const send = (text: string) => {
    if (raw.writableLength > maxUnreadBytes) raw.destroy();
    else if (!raw.destroyed) raw.write(text);
  };
  send(`retry: ${reconnectMs}\n\n`);
  const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs);
  try {
    for await (const event of follow(signal)) {
      if (signal.aborted || raw.destroyed) break;
      send(toMessage(event));
    }
  } finally {
    clearInterval(heartbeat);
    unlink();
    raw.end();
  }
}

/** Pure. `event:` carries our type; the data is one line, so it needs no splitting. */
export const toMessage = ({ id, ...event }: JobEvent): string => `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
