import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { pools } from '#contracts/stage-declaration';
import { findSchemaErrors, findUnknownFields } from '../helpers/manifest-schema.ts';
import { buildManifests, kubectl, kubectlMissing, type Manifest, parseManifests, scalersOf, workloadsOf } from '../helpers/manifests.ts';
import { root } from '../helpers/tools.ts';

beforeEach(({ skip }) => skip(!kubectl, kubectlMissing));

describe.each(['dev', 'production'] as const)('the %s overlay', (overlay) => {
  it('builds, and every document obeys the schema of its kind', async () => {
    const manifests = await buildManifests(overlay);
    expect(manifests.length).toBeGreaterThan(20);
    expect(await findSchemaErrors(manifests)).toEqual([]);
  });

  it('has no field that its kind does not know', async () => {
    expect(findUnknownFields(await buildManifests(overlay))).toEqual([]);
  });

  it('keeps everything in the namespace cutroom', async () => {
    const outside = (await buildManifests(overlay)).filter(
      ({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'cutroom',
    );
    expect(outside).toEqual([]);
  });
});

describe('what the checks see', () => {
  it('names a wrong type and a missing field', async () => {
    const errors = await findSchemaErrors([
      await breakScaledObject((spec) => Object.assign(spec, { maxReplicaCount: 'many', triggers: [{}] })),
    ]);
    expect(errors.join()).toMatch(/maxReplicaCount must be integer.*must have required property metadata/);
  });

  it('names a misspelt field, which the schemas let pass', async () => {
    const misspelt = await breakScaledObject((spec) => Object.assign(spec, { maxReplicaCounts: 3 }));
    expect(await findSchemaErrors([misspelt])).toEqual([]);
    expect(findUnknownFields([misspelt]).join()).toContain('"maxReplicaCounts"');
  });

  it('takes the example of the secret as valid', async () => {
    const [secret] = parseManifests(readFileSync(join(root, 'deploy/kubernetes/base/secret.example.yaml'), 'utf8'));
    expect(await findSchemaErrors([secret!])).toEqual([]);
  });
});

describe('scaling', () => {
  it('gives every pool its Deployment and one ScaledObject that points at it', async () => {
    const workers = pools.map((pool) => `cutroom-worker-${pool}`).toSorted();
    const deployments = (await workloadsOf('production')).map(({ metadata }) => metadata.name).filter((name) => name.includes('worker'));
    const scaled = (await scalersOf('production')).map(({ spec }) => spec.scaleTargetRef.name);
    expect([deployments.toSorted(), scaled.toSorted()]).toEqual([workers, workers]);
  });

  it('asks one query, told apart by the name of the queue alone', async () => {
    const scalers = await scalersOf('production');
    const texts = scalers.map(({ pool, spec }) => spec.triggers[0].metadata.query.replaceAll(`queue="${pool}"`, 'queue="…"'));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]!.match(/queue="…"/g)).toHaveLength(3);
  });

  it('holds on missing data, never goes to zero, and shrinks by one pod a minute', async () => {
    for (const { spec } of await scalersOf('production')) {
      expect(spec.triggers[0].metadata.ignoreNullValues).toBe('false');
      expect(spec.minReplicaCount).toBe(1);
      expect(spec.fallback).toMatchObject({ behavior: 'currentReplicasIfHigher' });
      expect(spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown).toEqual({
        stabilizationWindowSeconds: 120,
        policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
      });
    }
  });
});

async function breakScaledObject(change: (spec: Record<string, unknown>) => void): Promise<Manifest> {
  const manifest = structuredClone((await buildManifests('production')).find(({ kind }) => kind === 'ScaledObject')!);
  change(manifest.spec!);
  return manifest;
}
