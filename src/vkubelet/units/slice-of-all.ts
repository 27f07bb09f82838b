import type { Section } from './unit-text.ts'

/** What all Pods of a host may use together: what it has, without what its system keeps. */
export interface Together {
  readonly milliCores: number
  /** Bytes. */
  readonly memory: number
}

/** The slice above those of Pods (systemd.slice(5): `vks-….slice` is in it by its name). */
export const SLICE_OF_ALL = 'vks.slice'

/**
 * A Pod without limits of its own takes no more than the others leave, and never what the system needs. The kernel ends
 * processes of Pods before memory is short on the host.
 */
export function sliceOfAll({ milliCores, memory }: Together): readonly Section[] {
  return [
    { name: 'Unit', settings: [['Description', 'All Pods of this Node']] },
    {
      name: 'Slice',
      settings: [
        // a core is worth 100, as for a Pod and for the system's own slice; the bounds are systemd's
        ['CPUWeight', `${Math.min(Math.max(Math.floor(milliCores / 10), 1), 10_000)}`],
        ['MemoryMax', `${memory}`],
        // a Pod has no swap in Kubernetes either (kubelet's NoSwap)
        ['MemorySwapMax', '0'],
        // of all that the kernel allows (systemd.resource-control(5)): the Node has pressure at 95 %, and sshd starts still
        ['TasksMax', '80%'],
      ],
    },
  ]
}
