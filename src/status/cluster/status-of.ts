import { plainFault } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { KNOWN_MINORS } from '../../model/k3s/k3s-version.ts'
import { outOfSupport } from '../../model/kubernetes/out-of-support.ts'
import { dayOf } from '../../model/kubernetes/support-window.ts'
import { counted } from '../../model/text/counted.ts'
import { isSameVersion } from '../../plan/host/running-version.ts'
import {
  type CertificateStatus,
  type ClusterStatus,
  type EtcdStatus,
  type Finding,
  type HostStatus,
  LEVELS,
  type Level,
  type VipHolders,
  worst,
} from './cluster-status.ts'
import { driftOf } from './drift-of.ts'
import type { SeenCluster } from './seen-cluster.ts'

type SeenOne = SeenCluster['hosts'][number]

/** Days before its end from which on a certificate is worth a word. */
const SOON_DAYS = 30

/** What was seen, as a status: the worst first. Pure. */
export function statusOf(seen: SeenCluster): ClusterStatus {
  const { cluster, look, time } = seen
  const certificates = certificatesOf(seen)
  const hosts = seen.hosts
    .map((one) => hostStatus(one, seen, certificates))
    .toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
  const vip = vipOf(seen)
  const etcd = etcdOf(seen)
  const findings = [
    ...apiFindings(seen),
    ...vipFindings(vip, seen),
    ...etcdFindings(etcd, seen),
    ...leaderFindings(seen),
    ...supportFindings(seen),
  ]
  return {
    cluster: cluster.name,
    time: time.toISOString(),
    level: worst([...hosts, ...findings].map(({ level }) => level)),
    hosts,
    ...(look === undefined ? {} : { through: look.through }),
    ...(vip === undefined ? {} : { vip }),
    ...(etcd === undefined ? {} : { etcd }),
    certificates,
    findings,
  }
}

function hostStatus(one: SeenOne, seen: SeenCluster, certificates: readonly CertificateStatus[]): HostStatus {
  const { host, answer } = one
  const { name, role } = host
  const cluster = nodeOf(one, seen)
  const common = { host: name, role, ...cluster }
  switch (answer.kind) {
    case 'asking':
      return { ...common, level: 'asking', drift: { kind: 'unknown' }, findings: [] }
    case 'silent':
      return {
        ...common,
        level: 'unreachable',
        fault: plainFault(answer.fault),
        drift: { kind: 'unknown' },
        findings: [{ code: answer.fault.code, level: 'unreachable', text: answer.fault.found }],
      }
    case 'seen': {
      const drift = driftOf(one, answer.look.facts)
      const findings = [
        ...serviceFindings(one),
        ...nodeFindings(cluster.node),
        ...versionFindings(one, cluster.version, seen),
        ...certificateFindings(certificates.filter((certificate) => certificate.host === name)),
      ]
      const differs: Level = drift.kind === 'differs' ? 'pending' : 'well'
      return { ...common, level: worst([differs, ...findings.map(({ level }) => level)]), drift, findings }
    }
  }
}

function nodeOf({ rendered }: SeenOne, { look }: SeenCluster): Pick<HostStatus, 'node' | 'version' | 'pods'> {
  if (look === undefined || !ofNode(rendered.services).healthy.includes('node')) return {}
  const { name } = rendered.node
  const node = look.nodes.find((each) => each.name === name)
  if (node === undefined) return { node: 'missing' }
  const { running, total } = look.pods.find((each) => each.node === name) ?? { running: 0, total: 0 }
  return {
    node: node.ready ? (node.cordoned ? 'cordoned' : 'ready') : 'not-ready',
    ...(node.version === '' ? {} : { version: node.version }),
    pods: { running, total },
  }
}

function serviceFindings({ answer }: SeenOne): readonly Finding[] {
  if (answer.kind !== 'seen') return []
  return answer.look.facts.services
    .filter(({ active }) => active !== 'active')
    .map(({ unit, active }) => finding('unit', 'failing', `${unit} is ${active === '' ? 'not there' : active}`))
}

function nodeFindings(node: HostStatus['node']): readonly Finding[] {
  if (node === 'missing') return [finding('node', 'failing', 'the cluster has no Node of this name')]
  return node === 'not-ready' ? [finding('node', 'failing', 'its Node is not Ready')] : []
}

/** On NixOS, nixpkgs decides which version it is. */
function versionFindings({ host }: SeenOne, version: string | undefined, { cluster }: SeenCluster): readonly Finding[] {
  if (version === undefined || host.os === 'nixos' || isSameVersion(version, cluster.distribution.version)) return []
  return [finding('version', 'pending', `runs ${version}; the inventory has ${cluster.distribution.version}`)]
}

function certificateFindings(certificates: readonly CertificateStatus[]): readonly Finding[] {
  const [first] = certificates
  if (first === undefined || first.days >= SOON_DAYS) return []
  const soon = certificates.filter(({ days }) => days < SOON_DAYS).length
  const more = soon === 1 ? '' : ` (and ${soon - 1} more)`
  if (first.days < 0) return [finding('certificate', 'failing', `${first.file} has ended${more}: restart its service`)]
  const days = counted(first.days, 'day')
  return [finding('certificate', 'pending', `${first.file} ends in ${days}${more}: restart its service to renew it`)]
}

function certificatesOf({ hosts, time }: SeenCluster): readonly CertificateStatus[] {
  return hosts
    .flatMap(({ host, answer }) =>
      answer.kind !== 'seen'
        ? []
        : answer.look.certificates.map(({ file, ends }) => ({
            host: host.name,
            file,
            ends,
            days: Math.floor((Date.parse(ends) - time.getTime()) / 86_400_000),
          })),
    )
    .toSorted((a, b) => Date.parse(a.ends) - Date.parse(b.ends))
}

function apiFindings({ look, isAsking }: SeenCluster): readonly Finding[] {
  if (look !== undefined) return []
  return isAsking
    ? [finding('api', 'asking', 'asking the servers about the cluster')]
    : [finding('api', 'failing', "no server's API answers: Nodes, Pods and etcd members are unknown")]
}

function vipOf({ cluster, servers }: SeenCluster): VipHolders | undefined {
  if (cluster.vip === undefined) return undefined
  const { address, manager } = cluster.vip
  const holders = servers.filter(({ answer }) => answer.kind === 'seen' && answer.look.holdsAddress)
  return { address, manager, holders: holders.map(({ host }) => host.name) }
}

function vipFindings(vip: VipHolders | undefined, { servers }: SeenCluster): readonly Finding[] {
  if (vip === undefined || vip.holders.length === 1) return []
  if (servers.some(({ answer }) => answer.kind === 'asking')) return []
  const { address, holders } = vip
  if (holders.length > 1)
    return [finding('vip', 'failing', `${holders.join(' and ')} have ${address} at the same time`)]
  return [finding('vip', 'failing', `no server that answers has ${address}`)]
}

function etcdOf({ look, servers }: SeenCluster): EtcdStatus | undefined {
  if (look?.etcd === undefined) return undefined
  const { members, leader } = look.etcd
  const place = (name: string) => servers.findIndex(({ host }) => host.name === name)
  const inOrder = members.toSorted((a, b) => place(a.name) - place(b.name))
  return {
    members: inOrder.map(({ name, learner }) => {
      const server = servers.find(({ host }) => host.name === name)
      const healthy = server?.answer.kind === 'seen' ? server.answer.look.etcd?.healthy : undefined
      return { name, learner, ...(healthy === undefined ? {} : { healthy }) }
    }),
    ...(leader === undefined ? {} : { leader }),
  }
}

function etcdFindings(etcd: EtcdStatus | undefined, { servers }: SeenCluster): readonly Finding[] {
  if (etcd === undefined) return []
  const names: readonly string[] = servers.map(({ host }) => host.name)
  const isMember = (name: HostName) => etcd.members.some((member) => member.name === name)
  return [
    ...etcd.members.flatMap(({ name, learner, healthy }): Finding[] => {
      if (!names.includes(name))
        return [finding('etcd', 'pending', `etcd has a member that is no server: ${name || '(not started)'}`)]
      if (healthy === false) return [finding('etcd', 'failing', `etcd on ${name} is not healthy`)]
      const answered = servers.some(({ host, answer }) => host.name === name && answer.kind === 'seen')
      if (healthy === undefined && answered) return [finding('etcd', 'failing', `etcd on ${name} does not answer`)]
      return learner ? [finding('etcd', 'pending', `etcd on ${name} has no vote yet`)] : []
    }),
    ...servers.flatMap(({ host, answer }) =>
      answer.kind === 'seen' && answer.look.etcd?.hasData === true && !isMember(host.name)
        ? [finding('etcd', 'failing', `${host.name} has etcd's data and is no member`)]
        : [],
    ),
  ]
}

function leaderFindings({ look }: SeenCluster): readonly Finding[] {
  return look?.etcd?.leaderless === true ? [finding('etcd', 'failing', 'etcd has no leader')] : []
}

/** `pending`: all works, and somebody should upgrade. */
function supportFindings({ cluster, time }: SeenCluster): readonly Finding[] {
  const ended = outOfSupport(cluster.distribution.version, dayOf(time), KNOWN_MINORS)
  return ended === undefined ? [] : [finding(ended.code, 'pending', `${ended.found}: ${ended.todo}`)]
}

function finding(code: string, level: Level, text: string): Finding {
  return { code, level, text }
}
