import { createServer, type Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What is wrong with a line:
 * - `still`: nothing passes in either direction; held, and delivered when it is healed, as TCP's repeats would
 * - `mute`, `deaf`: the same in one direction only: what the client says, what it would hear
 * - `slow`: every chunk comes `latencyMs` later, in both directions
 * - `reset`: connections are reset, and new ones too
 * - `lost`: the connections that exist are forgotten without a word: they stay open and nothing ever answers. New ones are
 *   held as in `still`, since their first packet would be repeated until it comes through
 */
export const lineFaults = ['still', 'mute', 'deaf', 'slow', 'reset', 'lost'] as const;
export type LineFault = (typeof lineFaults)[number];

export interface Line {
  port: number;
  harm(fault: LineFault): void;
  heal(): void;
  close(): Promise<void>;
}

interface Condition {
  fault: LineFault | null;
  healed: Promise<void>;
}

interface Pair {
  client: Socket;
  server: Socket;
  forgotten: boolean;
}

const latencyMs = 300;
const holds: Record<'up' | 'down', readonly LineFault[]> = { up: ['still', 'mute', 'lost'], down: ['still', 'deaf', 'lost'] };

/** A line of its own to a port on loopback, which a test may harm and heal; any number of connections share its fate. */
export async function startLine(toPort: number): Promise<Line> {
  const healthy: Condition = { fault: null, healed: Promise.resolve() };
  let now = healthy;
  let markHealed = () => {};
  const pairs = new Set<Pair>();

  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {}); // its 'close' follows
    if (now.fault === 'reset') return void client.resetAndDestroy();
    const pair = { client, server: new Socket({ allowHalfOpen: true }), forgotten: false };
    pairs.add(pair);
    pair.server.connect(toPort, '127.0.0.1');
    carry({ pair, from: client, to: pair.server, direction: 'up', condition: () => now });
    carry({ pair, from: pair.server, to: client, direction: 'down', condition: () => now });
  });
  const port = await listen(server);

  const heal = () => {
    now = healthy;
    markHealed();
  };
  return {
    port,
    heal,
    harm(fault) {
      heal();
      now = { fault, healed: new Promise((resolve) => (markHealed = resolve)) };
      for (const pair of pairs) {
        if (fault === 'reset') pair.client.resetAndDestroy();
        if (fault === 'lost') pair.forgotten = true;
      }
    },
    async close() {
      heal();
      for (const pair of pairs) for (const socket of [pair.client, pair.server]) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Way {
  pair: Pair;
  from: Socket;
  to: Socket;
  direction: 'up' | 'down';
  condition: () => Condition;
}

/** Chunks of one direction, in order, each when the line lets it through; the end of the sender travels behind them. */
function carry({ pair, from, to, direction, condition }: Way): void {
  let line: Promise<unknown> = Promise.resolve();
  const isHeld = () => holds[direction].some((fault) => fault === condition().fault);
  const send = (act: () => void) => {
    const dueMs = performance.now() + (condition().fault === 'slow' ? latencyMs : 0);
    line = line.then(async () => {
      const restMs = dueMs - performance.now();
      if (restMs > 0) await delay(restMs); // the latency itself
      while (isHeld()) await condition().healed;
      if (!pair.forgotten && !to.destroyed) act();
    });
  };
  from.on('data', (chunk) => send(() => to.write(chunk)));
  from.once('end', () => send(() => to.end()));
  from.once('close', () => send(() => to.destroy()));
  from.on('error', () => {}); // its 'close' follows
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}
