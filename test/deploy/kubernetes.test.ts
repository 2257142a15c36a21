import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { pools } from '#contracts/pipeline';
import { findSchemaErrors, findUnknownFields } from '../helpers/manifest-schema.ts';
import { buildManifests, kubectl, kubectlMissing, type Manifest, parseManifests } from '../helpers/manifests.ts';
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
    const manifests = await buildManifests('production');
    const workers = pools.map((pool) => `cutroom-worker-${pool}`).toSorted();
    const named = (kind: string) => manifests.filter((manifest) => manifest.kind === kind && /worker/.test(manifest.metadata.name));
    expect(
      named('Deployment')
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    ).toEqual(workers);
    expect(
      named('ScaledObject')
        .map(({ spec }) => (spec as unknown as ScaledObjectSpec).scaleTargetRef.name)
        .toSorted(),
    ).toEqual(workers);
  });

  it('asks one query, told apart by the name of the queue alone', async () => {
    const queries = await scalingSpecs();
    const texts = queries.map(({ pool, spec }) => spec.triggers[0]!.metadata['query']!.replaceAll(`queue="${pool}"`, 'queue="…"'));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]!.match(/queue="…"/g)).toHaveLength(3);
  });

  it('holds on missing data, never goes to zero, and shrinks by one pod a minute', async () => {
    for (const { spec } of await scalingSpecs()) {
      expect(spec.triggers[0]!.metadata['ignoreNullValues']).toBe('false');
      expect(spec.minReplicaCount).toBe(1);
      expect(spec.fallback).toMatchObject({ behavior: 'currentReplicasIfHigher' });
      expect(spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown).toEqual({
        stabilizationWindowSeconds: 120,
        policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
      });
    }
  });
});

interface ScaledObjectSpec {
  scaleTargetRef: { name: string };
  minReplicaCount: number;
  fallback: Record<string, unknown>;
  advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: unknown } } };
  triggers: { metadata: Record<string, string> }[];
}

async function scalingSpecs(): Promise<{ pool: string; spec: ScaledObjectSpec }[]> {
  const objects = (await buildManifests('production')).filter(({ kind }) => kind === 'ScaledObject');
  return objects.map(({ metadata, spec }) => ({ pool: metadata.labels!['cutroom/pool']!, spec: spec as unknown as ScaledObjectSpec }));
}

async function breakScaledObject(change: (spec: Record<string, unknown>) => void): Promise<Manifest> {
  const manifest = structuredClone((await buildManifests('production')).find(({ kind }) => kind === 'ScaledObject')!);
  change(manifest.spec!);
  return manifest;
}
