import { builtinModules } from 'node:module';
import { dirname, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSources, type SourceFile, toSourceFile } from '../helpers/source-files.ts';

/** Who may import what: arrows point down, and crafts do not know each other. */
const layers: Record<string, readonly string[]> = {
  'apps/api': ['packages/engine', 'packages/media', 'packages/director', 'packages/storage', 'packages/runtime', 'packages/contracts'],
  'apps/worker': ['packages/engine', 'packages/media', 'packages/director', 'packages/storage', 'packages/runtime', 'packages/contracts'],
  'apps/console': ['packages/contracts'],
  'packages/engine': ['packages/storage', 'packages/runtime', 'packages/contracts'],
  'packages/media': ['packages/contracts'],
  'packages/director': ['packages/contracts'],
  'packages/storage': ['packages/contracts'],
  'packages/runtime': ['packages/contracts'],
  'packages/contracts': [],
};

/** Vendors that one file speaks for, so that replacing one is the work of one file. */
const soleImporters: Record<string, string> = {
  '@aws-sdk/client-s3': 'packages/storage/s3-client.ts',
  '@aws-sdk/lib-storage': 'packages/storage/s3-client.ts',
  '@bull-board/api': 'apps/api/routes/board.ts',
  '@bull-board/fastify': 'apps/api/routes/board.ts',
  '@google/generative-ai': 'packages/director/gemini.ts',
  '@resvg/resvg-js': 'packages/media/cards/draw-svg.ts',
  bullmq: 'packages/runtime/queue.ts',
  'fluent-ffmpeg': 'packages/media/ffmpeg.ts',
  ioredis: 'packages/runtime/redis.ts',
  'ipaddr.js': 'packages/runtime/address.ts',
  'music-tempo': 'packages/media/sound/beats.ts',
  opossum: 'packages/runtime/resilience.ts',
  pino: 'packages/runtime/log.ts',
  'prom-client': 'packages/runtime/telemetry.ts',
};
/** A craft may need a vendor in several files; then it belongs to the craft. */
const homes: Record<string, string> = {
  fastify: 'apps/api',
  '@tus/server': 'apps/api',
  'subsrt-ts': 'packages/media',
  undici: 'packages/runtime',
};

const sources = [...readSources('apps'), ...readSources('packages')];

/** Rules as functions from a file to what is wrong with it: tried on made-up offenders below. */
const rules: Record<string, (file: SourceFile) => string[]> = {
  'imports of other layers point down': (file) => {
    const layer = layerOf(file.path);
    const allowed = [layer, ...(layers[layer] ?? [])];
    return file.imports.map((name) => target(file, name)).filter((path) => path !== null && !allowed.includes(layerOf(path))) as string[];
  },
  'other packages are imported by #name, the own one by path': (file) => {
    const crosses = (name: string) => layerOf(target(file, name)!) !== layerOf(file.path);
    return file.imports.filter((name) => (name.startsWith('.') && crosses(name)) || (name.startsWith('#') && !crosses(name)));
  },
  'a vendor with a sole importer is imported there alone': (file) =>
    file.imports.filter((name) => soleImporters[packageOf(name)] !== undefined && soleImporters[packageOf(name)] !== file.path),
  'a vendor of one craft stays in that craft': (file) =>
    file.imports.filter((name) => homes[packageOf(name)] !== undefined && homes[packageOf(name)] !== layerOf(file.path)),
  'contracts import zod and nothing else that is installed': (file) =>
    layerOf(file.path) === 'packages/contracts' ? file.imports.filter((name) => !/^[.#]|^node:/.test(name) && name !== 'zod') : [],
  'the console takes nothing but types from elsewhere: a browser has neither packages nor node': (file) =>
    layerOf(file.path) === 'apps/console' ? (file.text.match(/^import (?!type\b)[^;]*'[^.\n][^'\n]*'/gm) ?? []) : [],
  'built-in modules carry node:': (file) => file.imports.filter((name) => builtinModules.includes(name)),
  'only main.ts reads the environment, handles signals or ends the process': (file) =>
    file.path.endsWith('/main.ts') ? [] : (file.text.match(/process\.(env|on\(|exit\(|exitCode)/g) ?? []),
  'signals are linked by hand: what AbortSignal.any gives may be collected before it fires': (file) =>
    layerOf(file.path) === 'apps/console' ? [] : (file.text.match(/^.*AbortSignal\.any\(.*$/gm) ?? []),
  'classes are errors': (file) =>
    (file.text.match(/^\s*(export )?(abstract )?class \w+.*$/gm) ?? []).filter((line) => !/extends \w*Error\b/.test(line)),
  'no file passes 250 lines, but for tables': (file) => (file.lines > 250 && !tables.includes(file.path) ? [`${file.lines} lines`] : []),
  'nothing is left to do': (file) => file.text.match(/\b(TODO|FIXME|XXX)\b.*/g) ?? [],
};
const tables = ['packages/contracts/errors.ts'];

describe('architecture', () => {
  test('is read from a real number of files', () => {
    expect(sources.length).toBeGreaterThan(30);
  });

  test.each(Object.keys(rules))('%s', (name) => {
    const broken = sources.flatMap((file) => rules[name]!(file).map((what) => `${file.path}: ${what}`));
    expect(broken).toEqual([]);
  });

  test('every sole importer that exists does import its vendor', () => {
    const idle = Object.entries(soleImporters).filter(([vendor, path]) => {
      const file = sources.find((source) => source.path === path);
      return file !== undefined && !file.imports.some((name) => packageOf(name) === vendor);
    });
    expect(idle).toEqual([]);
  });

  test('test files stay below 300 lines', () => {
    expect(readSources('test').filter(({ lines }) => lines > 300)).toEqual([]);
  });

  test.each([
    ['imports of other layers point down', 'packages/media/x.ts', "import { a } from '#storage/storage';"],
    ['imports of other layers point down', 'packages/engine/x.ts', "const a = await import('#director/rules');"],
    ['imports of other layers point down', 'apps/api/x.ts', "import { a } from '../worker/main.ts';"],
    ['other packages are imported by #name, the own one by path', 'packages/media/x.ts', "import { a } from '../contracts/plan.ts';"],
    ['a vendor with a sole importer is imported there alone', 'apps/api/x.ts', "import type { Queue } from 'bullmq';"],
    ['a vendor of one craft stays in that craft', 'packages/runtime/x.ts', "import Fastify from 'fastify';"],
    ['contracts import zod and nothing else that is installed', 'packages/contracts/x.ts', "import { pino } from 'pino';"],
    [
      'the console takes nothing but types from elsewhere: a browser has neither packages nor node',
      'apps/console/x.ts',
      "import { toFps } from '#contracts/rational';",
    ],
    ['built-in modules carry node:', 'packages/media/x.ts', "import { join } from 'path';"],
    ['only main.ts reads the environment, handles signals or ends the process', 'packages/media/x.ts', 'process.exit(1);'],
    [
      'signals are linked by hand: what AbortSignal.any gives may be collected before it fires',
      'apps/api/x.ts',
      'const signal = AbortSignal.any([gone, closing]);',
    ],
    ['classes are errors', 'packages/media/x.ts', 'export class Encoder {'],
    ['no file passes 250 lines, but for tables', 'packages/media/x.ts', '\n'.repeat(251)],
    ['nothing is left to do', 'packages/media/x.ts', '// TODO: later'],
  ])('%s: an offender is found', (name, path, text) => {
    expect(rules[name]!(toSourceFile(path, text))).not.toEqual([]);
  });
});

/** `packages/media`, `apps/api`, …: the first two folders. */
function layerOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

/** Path of the imported file of ours; null for what is installed. */
function target(file: SourceFile, name: string): string | null {
  if (name.startsWith('#')) return `packages/${name.slice(1)}.ts`;
  return name.startsWith('.') ? normalize(`${dirname(file.path)}/${name}`) : null;
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}
