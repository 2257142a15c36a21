import { join } from 'node:path';
import { env, stderr } from 'node:process';
import { resolveFfmpeg } from './ffmpeg.mjs';
import { readRecord, writeRecord } from './record.mjs';
import { resolveRedis } from './redis.mjs';

const retryInstallAfterMs = 24 * 3_600_000;

/**
 * Finds or installs Redis, ffmpeg and ffprobe, says in one line each what was found, and records it in `.runtime/tools.json`.
 * `wantsRedis` is false when REDIS_URL names a server that is already there.
 */
export async function resolveTools({ root, noInstall, assumeYes, wantsRedis }) {
  const runtimeDir = join(root, '.runtime');
  const before = readRecord({ runtimeDir, root });
  const failedAt = { ...before?.install_failed_at };
  const mayInstall = (tool) => !noInstall && Date.now() - (failedAt[tool] ?? 0) > retryInstallAfterMs;
  const context = { root, runtimeDir, before, assumeYes, say, mayInstall };

  const ffmpeg = await resolveFfmpeg(context);
  const redis = wantsRedis ? await resolveRedis(context) : (before?.redis ?? null);
  noteFailure(failedAt, 'ffmpeg', { isFallback: ffmpeg.fallback === true, noInstall });
  if (wantsRedis) noteFailure(failedAt, 'redis', { isFallback: redis.kind === 'stand-in', noInstall });

  const tools = {
    redis: redis && { kind: redis.kind, path: redis.path, version: redis.version, warning: redis.warning ?? null },
    ffmpeg: { path: ffmpeg.ffmpeg, version: ffmpeg.version },
    ffprobe: { path: ffmpeg.ffprobe, version: ffmpeg.probeVersion },
  };
  writeRecord({ runtimeDir, root }, { ...tools, install_failed_at: failedAt });
  say('redis', wantsRedis ? `${redis.version}  (${redis.origin})` : `the one at REDIS_URL (${withoutPassword(env.REDIS_URL)})`);
  say('ffmpeg', `${ffmpeg.version}  (${ffmpeg.origin})`);
  say('ffprobe', `${ffmpeg.probeVersion}  (${ffmpeg.ffprobe})`);
  if (Object.keys(failedAt).length > 0) stderr.write('Installing is tried again tomorrow, or as soon as .runtime/tools.json is removed.\n');
  for (const warning of [wantsRedis && redis.warning, ffmpeg.warning].filter(Boolean)) stderr.write(`${warning}\n`);
  return tools;
}

/** Set-up speaks on stderr: stdout belongs to the command. */
function say(tool, text) {
  stderr.write(`${tool.padEnd(9)} ${text}\n`);
}

/** A machine that could not install is not asked again at every start. */
function noteFailure(failedAt, tool, { isFallback, noInstall }) {
  if (!isFallback) delete failedAt[tool];
  else if (!noInstall) failedAt[tool] ??= Date.now();
}

function withoutPassword(url) {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}
