import type { Json } from '../model/cluster.ts'
import type { Access } from '../model/distribution/access.ts'

export interface ServerPods {
  /** The DaemonSet's, and its account's. */
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly labels: Readonly<Record<string, string>>
  readonly container: Readonly<Record<string, Json>>
  readonly volumes?: readonly Json[]
}

/**
 * One Pod on every server and on nothing else, whatever taints keep other Pods away, in the host's own network, whose
 * addresses it may change.
 */
export function serverDaemonSet({ metadata, labels, container, volumes }: ServerPods): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: onServers } },
          },
          tolerations: [{ operator: 'Exists' }],
          serviceAccountName: metadata.name,
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          containers: [
            {
              name: metadata.name,
              ...container,
              securityContext: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] } },
            },
          ],
          ...(volumes === undefined ? {} : { volumes }),
        },
      },
    },
  }
}

/** k3s and kubeadm give servers the same label, with different values. */
const onServers = [{ matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }]

/** The environment variables by which a client finds the API, where it is not by its Service. */
export function apiIn({ serverApi }: Pick<Access, 'serverApi'>): readonly Json[] {
  if (serverApi === undefined) return []
  return [
    { name: 'KUBERNETES_SERVICE_HOST', value: serverApi.host },
    { name: 'KUBERNETES_SERVICE_PORT', value: serverApi.port },
  ]
}

/** The environment variable that names the Pod's node. */
export function nodeNameIn(variable: string): Json {
  return { name: variable, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }
}
