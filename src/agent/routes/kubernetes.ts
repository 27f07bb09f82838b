import { nodeUnits } from '../../model/keel-agent/helper.ts'
import type { Helper } from '../helper/helper.ts'
import { apiHealth } from '../kubernetes/api-health.ts'
import type { Places } from '../kubernetes/credentials.ts'
import { etcdHealth } from '../kubernetes/etcd-health.ts'
import type { HealthCheck } from '../kubernetes/health-check.ts'
import { unitStates } from '../services/unit-states.ts'

/** How Kubernetes is on this host, as `/v1/kubernetes` tells it. All of it is of this host alone. */
export interface KubernetesReport {
  /** The unit that runs the node: k3s.service, k3s-agent.service or kubelet.service. Absent where the host has none. */
  readonly service?: {
    readonly unit: string
    /** As in `/v1/services`. */
    readonly active: string
    readonly sub: string
    readonly since?: string
    readonly restarts: number
  }
  /** Of the program on the disk: `v1.35.1+k3s1`, `v1.36.3`. Absent where it does not tell. */
  readonly version?: string
  /**
   * The API server by which this node reaches the cluster: its own on a server. On an agent k3s's load balancer, or with
   * kubeadm the address that the kubelet uses.
   */
  readonly api: {
    readonly server?: string
    /** GET /livez */
    readonly live: HealthCheck
    /** GET /readyz */
    readonly ready: HealthCheck
  }
  /** Absent where the host has no data of etcd. */
  readonly etcd?: HealthCheck
}

/** @throws HelperError */
export async function readKubernetes(helper: Helper, places: Places): Promise<KubernetesReport> {
  // at once, because each of them may be what hangs
  const [lines, api, etcd] = await Promise.all([helper.ask('look', 'kubernetes'), apiHealth(places), etcdHealth()])
  const { hasEtcd, ...host } = nodeOf(lines)
  return { ...host, api, ...(hasEtcd ? { etcd } : {}) }
}

/** @param lines the states of the units that run the node, `Etcd=yes` where etcd has data, `Version=` of the program */
export function nodeOf(
  lines: readonly string[],
): Pick<KubernetesReport, 'service' | 'version'> & { readonly hasEtcd: boolean } {
  const [found] = unitStates(lines).filter(({ unit }) => nodeUnits.some((one) => one === unit))
  const [, version] = /^Version=(v[\w.+-]{1,60})$/m.exec(lines.join('\n')) ?? []
  return {
    ...(found === undefined
      ? {}
      : {
          service: {
            unit: found.unit,
            active: found.active,
            sub: found.sub,
            ...(found.since === undefined ? {} : { since: found.since }),
            restarts: found.restarts,
          },
        }),
    ...(version === undefined ? {} : { version }),
    hasEtcd: lines.includes('Etcd=yes'),
  }
}
