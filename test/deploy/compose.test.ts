import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { pools } from '#contracts/stage-declaration';
import { findProgram, runProgram } from '../helpers/programs.ts';
import { root } from '../helpers/tools.ts';

const volume = z.string().regex(/^(\.\/)?[\w./-]+:\/[\w./-]+(:ro)?$/);
const healthcheck = z.strictObject({
  test: z.tuple([z.literal('CMD')], z.string()),
  interval: z.string(),
  timeout: z.string(),
  retries: z.int(),
});
const serviceSchema = z.strictObject({
  image: z.string().regex(/:[\w.-]+$/, 'a tagged image'),
  build: z.literal('.').optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  user: z.string().optional(),
  working_dir: z.literal('/data').optional(),
  read_only: z.literal(true).optional(),
  restart: z.literal('unless-stopped'),
  stop_grace_period: z.literal('30s').optional(),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  tmpfs: z.array(z.string()).optional(),
  volumes: z.array(volume),
  networks: z.array(z.enum(['backend', 'outside'])),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'published on loopback only')).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: healthcheck.optional(),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  networks: z.strictObject({ backend: z.strictObject({ internal: z.literal(true) }), outside: z.strictObject({}) }),
  volumes: z.record(z.string(), z.strictObject({})),
});

const path = join(root, 'docker-compose.yml');
const { services, volumes } = composeSchema.parse(parse(readFileSync(path, 'utf8'), { merge: true }));
const programs = Object.entries(services).filter(([, { image }]) => image.startsWith('cutroom:'));

describe('docker-compose.yml', () => {
  it('runs the API and one worker service per pool from one image', () => {
    const served = programs.flatMap(([, { environment }]) => environment?.['CUTROOM_POOLS'] ?? []);
    expect(served.toSorted()).toEqual([...pools].toSorted());
    expect(new Set(programs.map(([, { image }]) => image)).size).toBe(1);
    for (const [name, { command }] of programs) expect(command?.at(-1), name).toBe(name === 'api' ? undefined : 'dist/apps/worker/main.js');
  });

  it('confines every program of ours: read-only root, shared data, 30 s to hand back', () => {
    for (const [name, service] of programs) {
      expect(service, name).toMatchObject({ read_only: true, stop_grace_period: '30s', volumes: ['data:/data'] });
    }
  });

  it('gives render no way out of the machine', () => {
    expect(services['worker-render']?.networks).toEqual(['backend']);
  });

  it('takes every secret from outside, and the model key only where jobs are given models or models are asked', () => {
    const secrets = Object.entries(services).flatMap(([name, { environment = {} }]) =>
      Object.entries(environment).flatMap(([variable, value]) => (/KEY|PASSWORD/.test(variable) ? [{ name, variable, value }] : [])),
    );
    for (const { name, value } of secrets) expect(value, name).toMatch(/^\$\{[A-Z_]+:[?-]/);
    expect(secrets.filter(({ variable }) => variable === 'GEMINI_API_KEY').map(({ name }) => name)).toEqual(['api', 'worker-ai']);
  });

  it('mounts only files that exist and volumes that it declares, and waits for services that can say they are healthy', () => {
    for (const service of Object.values(services)) {
      for (const source of service.volumes.map((entry) => entry.split(':')[0]!)) {
        expect(source.startsWith('./') ? existsSync(join(root, source)) : source in volumes, source).toBe(true);
      }
      for (const name of Object.keys(service.depends_on ?? {})) expect(services[name]?.healthcheck, name).toBeDefined();
    }
  });

  it('refuses a misspelt option', () => {
    const misspelt = { ...services, api: { ...services['api'], read_onyl: true } };
    expect(composeSchema.safeParse({ services: misspelt, networks: {}, volumes }).error?.message).toContain('read_onyl');
  });
});

describe('docker-compose itself', () => {
  const dockerCompose = findProgram('docker-compose');
  const environment = { ...process.env, CUTROOM_ADMIN_KEY: 'ck_test', GRAFANA_PASSWORD: 'test' };

  it('takes the file', async ({ skip }) => {
    skip(!dockerCompose, 'docker-compose is neither on PATH nor in .runtime/bin');
    expect(await runProgram(dockerCompose!, ['-f', path, 'config', '-q'], { environment })).toMatchObject({ status: 0, stderr: '' });
  });

  it('names the secret that is missing', async ({ skip }) => {
    skip(!dockerCompose, 'docker-compose is neither on PATH nor in .runtime/bin');
    const { status, stderr } = await runProgram(dockerCompose!, ['-f', path, 'config', '-q'], {
      environment: { ...environment, CUTROOM_ADMIN_KEY: '' },
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('set CUTROOM_ADMIN_KEY in .env');
  });
});
