import { EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';

export interface Proxies {
  /** For https addresses; null = the one of `http`. */
  https: string | null;
  http: string | null;
  /** Hosts that are asked without one, by comma, as `NO_PROXY` has them. */
  none: string | null;
}

/** Nobody's proxy leads back to one's own machine. */
const own = 'localhost,127.0.0.1,::1';
/** To a connection; to the first byte of an answer, and from one to the next. The total is the caller's signal. */
const timeouts = { connect: { timeout: 30_000 }, headersTimeout: 90_000, bodyTimeout: 90_000 };

/**
 * How everything goes out that calls the global `fetch`, vendors' SDKs foremost: through the proxies of the environment, which
 * Node 20 leaves unread, and within time. What is fetched for users has agents of its own (`safe-fetch`) and is not touched.
 * Gives back the way to undo it.
 */
export function setWayOut({ https, http, none }: Proxies): () => Promise<void> {
  const before = getGlobalDispatcher();
  // An empty text keeps undici from reading the environment by itself.
  const agent = new EnvHttpProxyAgent({
    httpsProxy: https ?? '',
    httpProxy: http ?? '',
    noProxy: none ? `${own},${none}` : own,
    ...timeouts,
  });
  setGlobalDispatcher(agent);
  return async () => {
    setGlobalDispatcher(before);
    await agent.destroy();
  };
}
