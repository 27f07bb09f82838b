import manifest from '../package.json' with { type: 'json' }

/** keel's own version, as published. */
export const version: string = manifest.version

/** What `keel version` prints. `k3s` or `kubernetes` (with kubeadm): of the inventory, inside of one. */
export interface Versions {
  readonly keel: string
  readonly node: string
  readonly k3s?: string
  readonly kubernetes?: string
  /** The last day on which upstream supports that minor of Kubernetes, `2027-06-28`. Absent if this keel does not know. */
  readonly supportEnds?: string
}
