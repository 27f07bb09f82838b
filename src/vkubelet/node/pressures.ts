/** What is left on a host, in bytes and processes. */
export interface Left {
  readonly memory: { readonly total: number; readonly available: number }
  readonly disk: {
    readonly total: number
    readonly available: number
    readonly inodes: number
    readonly inodesLeft: number
  }
  readonly tasks: { readonly most: number; readonly now: number }
}

export interface Pressures {
  readonly memory: boolean
  readonly disk: boolean
  readonly tasks: boolean
}

const MEBIBYTE = 1_048_576

/**
 * What a host is short of, with kubelet's default limits (kubernetes.io/docs/concepts/scheduling-eviction/
 * node-pressure-eviction, hard eviction thresholds): less than 100 MiB of memory, 10 % of the disk, 5 % of its inodes.
 * For processes kubelet has none by default; here it is 5 %. A file system without inodes of its own counts 0 of 0.
 */
export function pressuresOf({ memory, disk, tasks }: Left): Pressures {
  return {
    memory: memory.available < 100 * MEBIBYTE,
    disk: disk.available < disk.total * 0.1 || (disk.inodes > 0 && disk.inodesLeft < disk.inodes * 0.05),
    tasks: tasks.most - tasks.now < tasks.most * 0.05,
  }
}
