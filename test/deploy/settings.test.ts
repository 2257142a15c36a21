import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IEnvVar } from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '#runtime/config';
import { buildManifests, kubectl, kubectlMissing, scalersOf, workloadsOf } from '../helpers/manifests.ts';
import { root } from '../helpers/tools.ts';

type Environment = Record<string, string>;

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const fromImage: Environment = Object.fromEntries(
  [...read('Dockerfile').matchAll(/\b(CUTROOM_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
);

/** Refuses unknown names and bad values, so what a container is given must be settings that exist. */
function configOf(role: 'api' | 'worker', environment: Environment) {
  return parseConfig({ NODE_ENV: 'production', ...fromImage, ...environment }, { role, cwd: '/app' });
}

describe('what containers are given are settings of the service', () => {
  it('in docker-compose.yml', () => {
    const services: Record<string, { image: string; environment: Environment }> = parse(read('docker-compose.yml'), {
      merge: true,
    }).services;
    const programs = Object.entries(services).filter(([, { image }]) => image.startsWith('cutroom:'));
    expect(programs).toHaveLength(5);
    for (const [name, { environment }] of programs) {
      const config = configOf(name === 'api' ? 'api' : 'worker', environment);
      expect(
        config.storageUrl.startsWith(`file:${config.dataDir}/`),
        'scratch and storage on one volume, so results are linked, not copied',
      ).toBe(true);
      expect([config.host, config.port, config.redisUrl]).toEqual(['0.0.0.0', 8080, 'redis://redis-queue:6379']);
    }
  });

  it.for(['dev', 'production'] as const)('in the %s overlay', async (overlay, { skip }) => {
    skip(!kubectl, kubectlMissing);
    const mounts = ['/storage', '/scratch', '/tmp'];
    for (const { component, environment, folders } of await kubernetesPrograms(overlay)) {
      const config = configOf(component === 'api' ? 'api' : 'worker', environment);
      expect(folders.toSorted()).toEqual(mounts.toSorted());
      expect([config.storageUrl, config.dataDir]).toEqual(['file:/storage', '/scratch']);
    }
  });

  it('and a pod is scaled by as many stages as it runs at once', async ({ skip }) => {
    skip(!kubectl, kubectlMissing);
    const workers = (await kubernetesPrograms('production')).filter(({ component }) => component === 'worker');
    for (const { pool, spec } of await scalersOf('production')) {
      const worker = workers.find(({ environment }) => environment['CUTROOM_POOLS'] === pool);
      const { pools, concurrency } = configOf('worker', worker!.environment);
      expect(Number(spec.triggers[0].metadata.threshold), pool).toBe(concurrency[pools[0]!]);
    }
  });
});

async function kubernetesPrograms(overlay: 'dev' | 'production') {
  const shared = (await buildManifests(overlay)).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'cutroom');
  const { data } = shared as unknown as { data: Environment };
  const deployments = (await workloadsOf(overlay)).filter(({ kind }) => kind === 'Deployment');
  return deployments.map(({ spec }) => {
    const { env = [], volumeMounts = [] } = spec.template.spec!.containers[0]!;
    const component = spec.selector.matchLabels['app.kubernetes.io/component'];
    return { component, environment: { ...data, ...valuesOf(env) }, folders: volumeMounts.map(({ mountPath }) => mountPath) };
  });
}

const valuesOf = (variables: IEnvVar[]): Environment =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value ?? 'from-a-secret']));
