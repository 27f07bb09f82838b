/** What a host is, as its Node says it. Bytes, milli-cores. */
export interface NodeFacts {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  readonly arch: 'amd64' | 'arm64'
  readonly cores: number
  readonly memory: number
  /** Of the file system that holds /var/lib. */
  readonly disk: number
  readonly mostPods: number
  /** What the system keeps for itself. */
  readonly reserve: { readonly milliCores: number; readonly memory: number }
  /** The first one is the Pods' address. At least one. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly system: SystemInfo
}

/** What Pods can have of a host. */
export function allocatableOf({
  cores,
  memory,
  reserve,
}: Pick<NodeFacts, 'cores' | 'memory' | 'reserve'>): NodeFacts['reserve'] {
  return {
    milliCores: Math.max(cores * 1000 - reserve.milliCores, 0),
    memory: Math.max(memory - reserve.memory, 0),
  }
}

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

interface SystemInfo {
  readonly machineId: string
  readonly bootId: string
  readonly kernel: string
  /** `PRETTY_NAME` of /etc/os-release. */
  readonly osImage: string
  /** `252`. */
  readonly systemd: string
  /** The version of Kubernetes whose API the program speaks, with keel's own behind it. */
  readonly version: string
}

/** Pods of others do not come here by themselves: an image of theirs means nothing on this Node. */
export const PROVIDER_TAINT: Taint = { key: 'virtual-kubelet.io/provider', value: 'systemd', effect: 'NoSchedule' }
