/**
 * The last resort when no Redis can be had: js-redis-server as a process of its own. It keeps nothing and would listen on every
 * interface without a password, so loopback is forced before it is loaded.
 *
 *   node scripts/stand-in-redis.mjs PORT
 */
import { Server } from 'node:net';
import { argv, ppid } from 'node:process';

const listen = Server.prototype.listen;
Server.prototype.listen = function listenOnLoopback(port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
};

const { createRedisMock } = await import('js-redis-server');
await createRedisMock({ port: Number(argv[2]) });

// Jobs live in this process alone: it has no reason to outlive the one that started it.
setInterval(() => process.ppid === ppid || process.exit(0), 1_000).unref();
