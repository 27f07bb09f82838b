import { planHost } from '../../../src/plan/host/plan-host.ts'
import type { WantedHost } from '../../../src/plan/host/wanted-host.ts'
import type { EtcdLook } from '../../../src/probes/status/cluster-look.ts'
import type { HostLook } from '../../../src/probes/status/host-look.ts'
import type { Answer, SeenCluster } from '../../../src/status/cluster/seen-cluster.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from './sample-cluster.ts'
import { applyOperations, emptyFacts, filesOf, sourcesOf } from './sample-facts.ts'

const now = new Date('2026-11-29T09:00:00Z')
const version = 'v1.36.3+k3s1'
const ends = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString()

const hosts = [
  sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] }),
  sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] }),
  sampleHost({ name: 'cove', role: 'server', nodeIPs: ['10.0.0.3'] }),
  sampleHost({ name: 'maia' }),
  sampleHost({ name: 'luna' }),
]
/** An address that no part of a host brings, so that the samples of parts stay out of it. */
export const cluster = sampleCluster(hosts, { name: 'mercury', vip: { address: '10.0.0.100', manager: 'kube-vip' } })

/** What the inventory wants of a host. */
export function wanted(name: string): WantedHost {
  const host = hosts.find((one) => one.name === name)
  if (host === undefined) throw new Error(`no host ${name}`)
  const rendered = filesOf(renderedOf(cluster, host, sampleSurroundings))
  const credentials = Object.fromEntries(rendered.credentials.map(({ id }) => [id, `source of ${id}`]))
  return { host, rendered, sources: sourcesOf(credentials) }
}

/** A host that is as the inventory wants it. */
function healthyLook(name: string): HostLook {
  const { host, rendered, sources } = wanted(name)
  if (sources === undefined) throw new Error('a sample without sources')
  const empty = emptyFacts(rendered.host, rendered.services)
  const facts = applyOperations(filesOf(rendered), empty, sources, planHost(rendered, empty, sources))
  const isServer = host.role === 'server'
  return {
    facts: { ...facts, past: { server: isServer, agent: true } },
    certificates: [
      { file: '/var/lib/rancher/k3s/agent/client-kubelet.crt', ends: ends(364) },
      { file: '/var/lib/rancher/k3s/agent/serving-kubelet.crt', ends: ends(360 - name.length) },
    ],
    ...(isServer ? { etcd: { hasData: true, healthy: true } } : {}),
    holdsAddress: name === 'reef',
  }
}

export interface Changes {
  /** By host; a host that is not here is well. */
  readonly answers?: Readonly<Record<string, Answer | ((look: HostLook) => HostLook)>>
  readonly nodes?: Readonly<Record<string, { ready?: boolean; cordoned?: boolean; version?: string } | null>>
  readonly pods?: Readonly<Record<string, readonly [running: number, total: number]>>
  readonly etcd?: EtcdLook | null
  /** No server tells of the cluster. */
  readonly isDeaf?: boolean
  readonly selected?: readonly string[]
}

/** A cluster in which all is well, except for some changes. */
export function seenCluster(changes: Changes = {}): SeenCluster {
  const { answers = {}, nodes = {}, pods = {}, isDeaf = false, selected = hosts.map(({ name }) => name) } = changes
  const seen = hosts.map(({ name }) => {
    const change = answers[name]
    const answer: Answer =
      typeof change === 'object'
        ? change
        : { kind: 'seen', look: (change ?? ((look: HostLook) => look))(healthyLook(name)) }
    return { ...wanted(name), answer }
  })
  const etcd =
    changes.etcd === undefined
      ? { members: ['ocean', 'reef', 'cove'].map((name) => ({ name, learner: false })), leader: 'ocean' }
      : changes.etcd
  const look = {
    through: wanted('ocean').host.name,
    nodes: hosts.flatMap(({ name }) => {
      const node = nodes[name]
      return node === null ? [] : [{ name: name as string, ready: true, version, cordoned: false, ...node }]
    }),
    pods: hosts.map(({ name }) => {
      const [running, total] = pods[name] ?? [4, 4]
      return { node: name as string, running, total }
    }),
    ...(etcd === null ? {} : { etcd }),
  }
  return {
    cluster,
    hosts: seen.filter(({ host }) => selected.includes(host.name)),
    servers: seen.filter(({ host }) => host.role === 'server'),
    ...(isDeaf ? {} : { look }),
    isAsking: seen.some(({ answer }) => answer.kind === 'asking'),
    time: now,
  }
}

/** A certificate that ends in some days. */
export const certificate = (file: string, days: number) => ({ file, ends: ends(days) })
