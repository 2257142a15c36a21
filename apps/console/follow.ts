import { send } from './api.ts';
import { pause } from './dom.ts';
import { createEventParser, type StreamedEvent } from './event-stream.ts';

const againMs = 1_000;

/**
 * Follows a job's events until `isOver`, across lost connections and across the end of a run: each new stream says what was
 * seen last, so that no event comes twice.
 */
export async function followJob(
  id: string,
  { onEvent, isOver, signal }: { onEvent: (event: StreamedEvent) => void; isOver: () => boolean; signal: AbortSignal },
): Promise<void> {
  let last = '';
  const note = (event: StreamedEvent) => {
    last = event.id;
    onEvent(event);
  };
  do {
    await readStream(id, { last, signal, note }).catch(() => undefined);
  } while (!isOver() && (await pause(againMs, signal)));
}

async function readStream(
  id: string,
  { last, signal, note }: { last: string; signal: AbortSignal; note: (event: StreamedEvent) => void },
): Promise<void> {
  const headers = { accept: 'text/event-stream', ...(last && { 'last-event-id': last }) };
  const { body } = await send(`/v1/jobs/${encodeURIComponent(id)}/events`, { headers, signal });
  if (!body) return;
  const parse = createEventParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parse(value)) note(event);
  }
}
