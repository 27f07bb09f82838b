import type { Cluster, Host, KeelAgent } from '../../../src/model/cluster.ts'
import {
  type ClusterObject,
  type LiveObject,
  manifestOf,
  ownLabels,
} from '../../../src/model/kubernetes/cluster-object.ts'
import { sampleCluster, sampleHost } from './sample-cluster.ts'

/** A cluster whose nodes have the keel-agent. */
export function agentCluster(rbac: KeelAgent['rbac'], hosts: readonly Host[] = sampleHosts): Cluster {
  return sampleCluster(hosts, { keelAgent: { credential: { kind: 'kubelet' }, rbac, port: 50_051, logLevel: 'info' } })
}

const sampleHosts = [
  sampleHost({ name: 'ocean', role: 'server', firstServer: true }),
  sampleHost({ name: 'maia' }),
] as const

/** An object in the form that the API has after it was applied. */
export function inApi(object: ClusterObject): LiveObject {
  const { kind, name, namespace, fields } = object
  return { kind, name, ...(namespace === undefined ? {} : { namespace }), labels: ownLabels(object), fields }
}

/**
 * The output of kubectl about objects, in the form that `clusterObjects` reads: a line for keel's own objects, and a
 * line for the named ones.
 */
export function answerOf(own: readonly ClusterObject[], named: readonly ClusterObject[] = own): string {
  const list = (objects: readonly ClusterObject[]) => JSON.stringify({ kind: 'List', items: objects.map(manifestOf) })
  return `${list(own)}\n${named.length === 1 ? JSON.stringify(named.map(manifestOf)[0]) : list(named)}\n`
}
