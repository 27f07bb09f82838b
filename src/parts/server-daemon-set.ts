import type { Json } from '../model/cluster.ts'

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
          nodeSelector: { 'node-role.kubernetes.io/control-plane': 'true' },
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

/** The environment variable that names the Pod's node. */
export function nodeNameIn(variable: string): Json {
  return { name: variable, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }
}
