import { beforeEach, describe, expect, it } from 'vitest';
import { buildManifests, kubectl, kubectlMissing, workloadsOf } from '../helpers/manifests.ts';
import { podPolicy } from '../helpers/pod-policy.ts';

beforeEach(({ skip }) => skip(!kubectl, kubectlMissing));

describe.each(podPolicy)('a workload $says', ({ holds, broken }) => {
  it.each(['dev', 'production'] as const)('in the %s overlay', async (overlay) => {
    const workloads = await workloadsOf(overlay);
    expect(workloads).toHaveLength(7);
    expect(workloads.filter((workload) => !holds(workload)).map(({ metadata }) => metadata.name)).toEqual([]);
  });

  it('and a breach of it is noticed in each workload', async () => {
    for (const workload of structuredClone(await workloadsOf('production'))) {
      broken(workload);
      expect(holds(workload), workload.metadata.name).toBe(false);
    }
  });
});

describe('the network', () => {
  it('is closed in both directions for every pod', async () => {
    const policies = await networkPolicies();
    expect(policies['default-deny']).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('lets render nowhere but to names and Redis, and nobody to private addresses', async () => {
    const policies = await networkPolicies();
    expect(JSON.stringify(policies['public-internet'])).toContain('{"key":"cutroom/pool","operator":"NotIn","values":["render"]}');
    const open = Object.values(policies).flatMap((policy) => JSON.stringify(policy).match(/"ipBlock":\{[^}]*\}/g) ?? []);
    expect(open).toHaveLength(1);
    for (const range of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8'])
      expect(open[0]).toContain(range);
  });
});

async function networkPolicies(): Promise<Record<string, unknown>> {
  const manifests = await buildManifests('production');
  return Object.fromEntries(manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata, spec }) => [metadata.name, spec]));
}
