import { type Probe, rows } from './probe.ts'

/** What the cluster remembers of its hosts, by Node name. */
export interface ClusterMembers {
  readonly nodes: readonly string[]
  /** Names with a node-password secret: k3s refuses a machine that comes under one of them with another password. */
  readonly passwords: readonly string[]
}

/** Asked on a server that runs. */
export const clusterMembers: Probe<void, ClusterMembers> = {
  name: 'cluster-members',
  script: () => `set -e
nodes=$(k3s kubectl get nodes -o name)
secrets=$(k3s kubectl --namespace kube-system get secrets -o name)
printf '%s\\n' "$nodes" | sed -n 's#^node/#node\\t#p'
printf '%s\\n' "$secrets" | sed -n 's#^secret/\\(.*\\)\\.node-password\\.k3s$#password\\t\\1#p'`,
  parse: (stdout) => {
    const named = (kind: string) => rows(stdout).flatMap(([key, name]) => (key === kind && name !== undefined ? [name] : []))
    return { nodes: named('node'), passwords: named('password') }
  },
}
