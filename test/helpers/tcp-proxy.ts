import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to bytes on their way: `up` goes to the server, `down` to the client. A lost byte silences that direction of its connection for good. */
export interface Weather {
  loseUp: boolean;
  loseDown: boolean;
  delayMs: number;
}

export interface TcpProxy {
  port: number;
  weather: Weather;
  /** Every connection is reset, and new ones are refused by the kernel. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Every connection is reset; new ones come through. */
  cut(): void;
  close(): Promise<void>;
}

export const fair: Readonly<Weather> = { loseUp: false, loseDown: false, delayMs: 0 };

/**
 * A line to a server on loopback that can be broken in the ways of a network. Bytes that are lost never arrive, so a connection that
 * lost some stays silent after the weather is fair again, as one whose peer has forgotten it: only new ones work.
 */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const proxy = { weather: { ...fair } };
  const server = createServer({ allowHalfOpen: false }, (client) => {
    const target = connect(targetPort, '127.0.0.1');
    const end = () => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', end);
      socket.once('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    pass({ from: client, to: target, isLost: () => proxy.weather.loseUp, delayMs: () => proxy.weather.delayMs });
    pass({ from: target, to: client, isLost: () => proxy.weather.loseDown, delayMs: () => proxy.weather.delayMs });
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const refuse = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };
  const port = await listen(0);
  return Object.assign(proxy, { port, refuse, accept: async () => void (await listen(port)), cut, close: refuse });
}

interface Passage {
  from: Socket;
  to: Socket;
  isLost: () => boolean;
  delayMs: () => number;
}

function pass({ from, to, isLost, delayMs }: Passage): void {
  let silent = false;
  from.on('data', (bytes) => {
    silent ||= isLost();
    if (silent) return;
    const late = delayMs();
    if (late === 0) return void to.write(bytes);
    setTimeout(() => !to.destroyed && to.write(bytes), late); // timers of one length end in their order
  });
}
