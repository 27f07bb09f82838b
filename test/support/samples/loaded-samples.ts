import { loadedFrom } from '../../../bench/fuzz/field-targets.ts'
import { randomFrom } from '../../../bench/fuzz/random.ts'
import type { Cluster, Host, Os } from '../../../src/model/cluster.ts'

export interface Sample {
  readonly cluster: Cluster
  readonly host: Host
}

/** Hosts of one system from inventories with odd but valid values. They are the same in each run. */
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

/** All hosts, also servers, of inventories that have odd but valid values and only hosts of this system. */
export function loadedSamplesOf(os: Os, inventories: number): readonly Sample[] {
  const clusters: Cluster[] = []
  for (let seed = 1; clusters.length < inventories; seed++) {
    if (seed > 100 * inventories) throw new Error(`of ${seed} inventories only ${clusters.length} load`)
    clusters.push(...[loadedFrom(randomFrom(seed), os)].filter((cluster) => cluster !== undefined))
  }
  return clusters.flatMap((cluster) => cluster.hosts.map((host) => ({ cluster, host })))
}
