/** How Kubernetes is on this host, as `/v1/kubernetes` tells it. All of it is of this host alone. */
export interface KubernetesReport {
  /** The unit that runs the node: k3s.service or k3s-agent.service. Absent where the host has none. */
  readonly service?: {
    readonly unit: string
    /** As in `/v1/services`. */
    readonly active: string
    readonly sub: string
    readonly since?: string
    readonly restarts: number
  }
  /** Of the program on the disk: `v1.35.1+k3s1`. Absent where it does not tell. */
  readonly version?: string
  /** The API server by which this node reaches the cluster: its own on a server, k3s's load balancer on an agent. */
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

interface HealthCheck {
  readonly ok: boolean
  /** For people. */
  readonly detail: string
}
