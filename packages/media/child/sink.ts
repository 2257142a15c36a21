import { Writable } from 'node:stream';
import { CutroomError } from '#contracts/errors';

export interface Sink {
  stream: Writable;
  /** Rejects with what the consumer threw, or LIMIT_EXCEEDED. Never resolves. */
  failed: Promise<never>;
  /** Resolves when the consumer has taken the last byte of an ended stream. */
  finished: Promise<void>;
}

/**
 * Takes a child's stdout at the consumer's pace. It never emits `close`: fluent-ffmpeg kills the process 20 ms after
 * that, other outputs unfinished. After a failure it swallows what still comes, so that the child can end.
 */
export function createSink(consume: (chunk: Buffer) => void | Promise<void>, maxBytes: number): Sink {
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {});
  let bytes = 0;
  const take = async (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new CutroomError('LIMIT_EXCEEDED', `The media tool wrote more than ${maxBytes} bytes.`);
    await consume(chunk);
  };
  let broken = false;
  const stream = new Writable({
    emitClose: false,
    write(chunk: Buffer, _encoding, done) {
      const taken = broken ? Promise.resolve() : take(chunk);
      taken
        .catch((error: unknown) => {
          broken = true;
          fail(error);
        })
        .then(() => done());
    },
  });
  return { stream, failed, finished: new Promise((resolve) => stream.once('finish', resolve)) };
}
