import type { IContainer, IPodSpec, IVolume } from 'kubernetes-models/v1';
import type { Workload } from './manifests.ts';

export interface Rule {
  /** What holds for every workload, as the end of "a workload …". */
  says: string;
  holds: (workload: Workload) => boolean;
  /** A change that breaks the rule and, as far as possible, nothing else: a rule that cannot fail proves nothing. */
  broken: (workload: Workload) => void;
}

const pod = (workload: Workload): IPodSpec => workload.spec.template.spec!;
const container = (workload: Workload): IContainer => pod(workload).containers[0]!;
const containers = (workload: Workload): IContainer[] => [...pod(workload).containers, ...(pod(workload).initContainers ?? [])];
const volumes = (workload: Workload): IVolume[] => pod(workload).volumes ?? [];
const every = (check: (container: IContainer) => boolean) => (workload: Workload) => containers(workload).every(check);
const secretName = /KEY|SECRET|PASSWORD|TOKEN/;

/** Pod policy (reliability T26): what every Deployment and StatefulSet obeys, whoever adds the next one. */
export const podPolicy: Rule[] = [
  {
    says: 'never runs as root',
    holds: (workload) => pod(workload).securityContext?.runAsNonRoot === true,
    broken: (workload) => delete pod(workload).securityContext!.runAsNonRoot,
  },
  {
    says: 'names a user and a group by number',
    holds: (workload) => (pod(workload).securityContext?.runAsUser ?? 0) > 0 && (pod(workload).securityContext?.runAsGroup ?? 0) > 0,
    broken: (workload) => Object.assign(pod(workload).securityContext!, { runAsUser: 0 }),
  },
  {
    says: 'runs under the default seccomp profile',
    holds: (workload) => pod(workload).securityContext?.seccompProfile?.type === 'RuntimeDefault',
    broken: (workload) => delete pod(workload).securityContext!.seccompProfile,
  },
  {
    says: 'cannot gain privileges',
    holds: every(({ securityContext }) => securityContext?.allowPrivilegeEscalation === false && securityContext.privileged !== true),
    broken: (workload) => delete container(workload).securityContext!.allowPrivilegeEscalation,
  },
  {
    says: 'holds no capability',
    holds: every(({ securityContext }) => securityContext?.capabilities?.drop?.join() === 'ALL' && !securityContext.capabilities.add),
    broken: (workload) => Object.assign(container(workload).securityContext!.capabilities!, { add: ['NET_ADMIN'] }),
  },
  {
    says: 'has a read-only root',
    holds: every(({ securityContext }) => securityContext?.readOnlyRootFilesystem === true),
    broken: (workload) => Object.assign(container(workload).securityContext!, { readOnlyRootFilesystem: false }),
  },
  {
    says: 'shares no namespace with its node',
    holds: (workload) => !pod(workload).hostNetwork && !pod(workload).hostPID && !pod(workload).hostIPC,
    broken: (workload) => Object.assign(pod(workload), { hostPID: true }),
  },
  {
    says: 'takes no port of its node',
    holds: every(({ ports = [] }) => ports.every(({ hostPort }) => hostPort === undefined)),
    broken: (workload) => Object.assign(container(workload).ports![0]!, { hostPort: 8080 }),
  },
  {
    says: 'mounts nothing but claims, configuration and bounded scratch',
    holds: (workload) => volumes(workload).every((volume) => volume.persistentVolumeClaim || volume.configMap || volume.emptyDir),
    broken: (workload) => volumes(workload).push({ name: 'node', hostPath: { path: '/' } }),
  },
  {
    says: 'bounds every scratch folder',
    holds: (workload) =>
      volumes(workload).every(({ emptyDir }) => !emptyDir || (toBytes(emptyDir.sizeLimit) > 0 && emptyDir.medium !== 'Memory')),
    broken: (workload) => volumes(workload).push({ name: 'heap', emptyDir: {} }),
  },
  {
    says: 'mounts configuration read-only',
    holds: (workload) => {
      const configured = volumes(workload).flatMap(({ name, configMap }) => (configMap ? [name] : []));
      return every(({ volumeMounts = [] }) => volumeMounts.every(({ name, readOnly }) => !configured.includes(name) || readOnly === true))(
        workload,
      );
    },
    broken: (workload) => {
      volumes(workload).push({ name: 'loose', configMap: { name: 'loose' } });
      container(workload).volumeMounts!.push({ name: 'loose', mountPath: '/loose' });
    },
  },
  {
    says: 'has an account of its own',
    holds: (workload) => !['', 'default'].includes(pod(workload).serviceAccountName ?? ''),
    broken: (workload) => delete pod(workload).serviceAccountName,
  },
  {
    says: 'gets no token of the cluster',
    holds: (workload) => pod(workload).automountServiceAccountToken === false,
    broken: (workload) => delete pod(workload).automountServiceAccountToken,
  },
  {
    says: 'gets no addresses of other services in its environment',
    holds: (workload) => pod(workload).enableServiceLinks === false,
    broken: (workload) => delete pod(workload).enableServiceLinks,
  },
  {
    says: 'reads secrets from a Secret',
    holds: every(({ env = [] }) => env.every(({ name, value }) => !secretName.test(name) || value === undefined)),
    broken: (workload) => Object.assign(container(workload), { env: [{ name: 'GEMINI_API_KEY', value: 'plain' }] }),
  },
  {
    says: 'runs a tagged image, never latest',
    holds: every(({ image = '' }) => /:[^:/]+$/.test(image) && !image.endsWith(':latest')),
    broken: (workload) => Object.assign(container(workload), { image: 'cutroom' }),
  },
  {
    says: 'asks for CPU and is not throttled',
    holds: every(({ resources }) => resources?.requests?.['cpu'] !== undefined && resources.limits?.['cpu'] === undefined),
    broken: (workload) => delete container(workload).resources!.requests!['cpu'],
  },
  {
    says: 'asks for memory and is held to a limit',
    holds: every(({ resources }) => {
      const [asked, most] = [toBytes(resources?.requests?.['memory']), toBytes(resources?.limits?.['memory'])];
      return asked > 0 && most >= asked;
    }),
    broken: (workload) => delete container(workload).resources!.limits!['memory'],
  },
  {
    says: 'is held to a limit of local disk',
    holds: every(
      ({ resources }) => toBytes(resources?.limits?.['ephemeral-storage']) >= toBytes(resources?.requests?.['ephemeral-storage']),
    ),
    broken: (workload) => delete container(workload).resources!.limits!['ephemeral-storage'],
  },
  {
    says: 'may fill its scratch and 20 % more before it is evicted',
    holds: (workload) => {
      const scratch = volumes(workload).reduce((sum, { emptyDir }) => sum + (emptyDir ? toBytes(emptyDir.sizeLimit) : 0), 0);
      return toBytes(container(workload).resources?.limits?.['ephemeral-storage']) >= scratch * 1.2;
    },
    broken: (workload) => volumes(workload).push({ name: 'more', emptyDir: { sizeLimit: '1Ti' } }),
  },
  {
    says: 'says when it is ready',
    holds: every(({ readinessProbe }) => readinessProbe !== undefined),
    broken: (workload) => delete container(workload).readinessProbe,
  },
  {
    says: 'is restarted for its own faults only: liveness is another question than readiness, and never asks Redis',
    holds: every(({ livenessProbe, readinessProbe }) => {
      const asksItself = livenessProbe?.httpGet?.path === '/healthz' || livenessProbe?.tcpSocket !== undefined;
      return asksItself && JSON.stringify(livenessProbe) !== JSON.stringify(readinessProbe);
    }),
    broken: (workload) => Object.assign(container(workload), { livenessProbe: { httpGet: { path: '/readyz', port: 'http' } } }),
  },
  {
    says: 'has 30 s to hand back its work',
    holds: (workload) => pod(workload).terminationGracePeriodSeconds === 30,
    broken: (workload) => delete pod(workload).terminationGracePeriodSeconds,
  },
  {
    says: 'selects exactly its own pods, by name and component',
    holds: ({ spec }) => {
      const labels = spec.template.metadata?.labels ?? {};
      const wanted = Object.entries(spec.selector.matchLabels);
      const named = ['app.kubernetes.io/name', 'app.kubernetes.io/component'].every((key) => key in spec.selector.matchLabels);
      return named && wanted.every(([key, value]) => labels[key] === value);
    },
    broken: ({ spec }) => Object.assign(spec.selector.matchLabels, { 'app.kubernetes.io/component': 'somebody-else' }),
  },
  {
    says: 'leaves the number of pods to its scaler, and is single when it keeps state',
    holds: ({ kind, spec }) => spec.replicas === (kind === 'StatefulSet' ? 1 : undefined),
    broken: ({ spec }) => Object.assign(spec, { replicas: 3 }),
  },
];

/** Bytes of a Kubernetes quantity with a binary unit; NaN when there is none, so that every comparison fails. */
function toBytes(quantity: string | number | undefined): number {
  const [, amount, unit] = /^(\d+)(Mi|Gi|Ti)$/.exec(String(quantity)) ?? [];
  return Number(amount) * 1024 ** (['', 'Ki', 'Mi', 'Gi', 'Ti'].indexOf(unit ?? '') || Number.NaN);
}
