import type { Usage } from '../cgroups/counters.ts'

/** What the Node and its containers use at one moment. Times in milliseconds since 1970. */
export interface Measured {
  readonly time: number
  readonly node: Usage & { readonly booted: number; readonly total: number }
  readonly disk: {
    readonly total: number
    readonly available: number
    readonly inodes: number
    readonly inodesLeft: number
  }
  /** Those that run. */
  readonly containers: readonly MeasuredContainer[]
}

export interface MeasuredContainer extends Usage {
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  readonly container: string
  readonly started: number
}

/** A container of a Pod, in all that is measured. */
export function containerKey({ uid, container }: Pick<MeasuredContainer, 'uid' | 'container'>): string {
  return `${uid}/${container}`
}

/** The containers of each Pod. */
export function byPod(containers: readonly MeasuredContainer[]): readonly (readonly MeasuredContainer[])[] {
  return [...Map.groupBy(containers, ({ uid }) => uid).values()]
}

export function sumOf(all: readonly Usage[]): Usage {
  const sum = (key: keyof Usage) => all.reduce((total, one) => total + one[key], 0)
  return { cpu: sum('cpu'), workingSet: sum('workingSet'), memory: sum('memory'), rss: sum('rss') }
}
