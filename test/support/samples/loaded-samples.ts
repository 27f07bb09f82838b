import { loadedFrom } from '../../../bench/fuzz/field-targets.ts'
import { randomFrom } from '../../../bench/fuzz/random.ts'
import type { Cluster, Host, Os } from '../../../src/model/cluster.ts'

export interface Sample {
  readonly cluster: Cluster
  readonly host: Host
}

/** Hosts of one system out of inventories with odd values that load; the same at each run. */
export function loadedSamples(os: Os, count: number): readonly Sample[] {
  const samples: Sample[] = []
  for (let seed = 1; samples.length < count; seed++) {
    if (seed > 100 * count) throw new Error(`of ${seed} inventories only ${samples.length} have a ${os} host and load`)
    const cluster = loadedFrom(randomFrom(seed))
    const host = cluster?.hosts.find((one) => one.os === os)
    if (cluster !== undefined && host !== undefined) samples.push({ cluster, host })
  }
  return samples
}

/** All hosts of inventories with odd values that load and have hosts of this system alone: its servers, too. */
export function loadedSamplesOf(os: Os, inventories: number): readonly Sample[] {
  const clusters: Cluster[] = []
  for (let seed = 1; clusters.length < inventories; seed++) {
    if (seed > 100 * inventories) throw new Error(`of ${seed} inventories only ${clusters.length} load`)
    clusters.push(...[loadedFrom(randomFrom(seed), os)].filter((cluster) => cluster !== undefined))
  }
  return clusters.flatMap((cluster) => cluster.hosts.map((host) => ({ cluster, host })))
}
