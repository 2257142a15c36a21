import type { IPodTemplateSpec } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { findProgram, runProgram } from './programs.ts';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
}

/** A Deployment or StatefulSet, typed as far as tests look into it. */
export interface Workload extends Manifest {
  spec: { replicas?: number; selector: { matchLabels: Record<string, string> }; template: IPodTemplateSpec };
}

/** A KEDA ScaledObject of one pool. */
export interface Scaler {
  pool: string;
  spec: {
    scaleTargetRef: { name: string };
    minReplicaCount: number;
    fallback: Record<string, unknown>;
    advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: unknown } } };
    triggers: [{ metadata: { query: string; threshold: string; ignoreNullValues: string } }];
  };
}

export const kubectl = findProgram('kubectl');
export const kubectlMissing = 'kubectl is not on PATH, so no overlay can be built';

const built = new Map<string, Promise<Manifest[]>>();

/** The documents of an overlay as a cluster would get them. */
export function buildManifests(overlay: 'dev' | 'production'): Promise<Manifest[]> {
  const known = built.get(overlay) ?? kustomize(`deploy/kubernetes/overlays/${overlay}`);
  built.set(overlay, known);
  return known;
}

export async function workloadsOf(overlay: 'dev' | 'production'): Promise<Workload[]> {
  const manifests = await buildManifests(overlay);
  return manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet') as Workload[];
}

export async function scalersOf(overlay: 'dev' | 'production'): Promise<Scaler[]> {
  const objects = (await buildManifests(overlay)).filter(({ kind }) => kind === 'ScaledObject');
  return objects.map(({ metadata, spec }) => ({ pool: metadata.labels!['cutroom/pool']!, spec: spec as unknown as Scaler['spec'] }));
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

async function kustomize(folder: string): Promise<Manifest[]> {
  const { status, stdout, stderr } = await runProgram(kubectl!, ['kustomize', folder]);
  if (status !== 0) throw new Error(`kubectl kustomize ${folder}: ${stderr}`);
  return parseManifests(stdout);
}
