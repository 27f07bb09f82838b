import { KeelError } from '../../errors.ts'
import { parseNodeIp } from '../../model/addresses/ip.ts'
import { OSES, type Role } from '../../model/cluster.ts'
import { defaultNetworks } from '../../model/k3s/default-networks.ts'
import { type Flag, k3sFlags, ownedFlag } from '../../model/k3s/k3s-flags.ts'
import { checkClusterOptions, checkHostOptions } from '../../model/k3s/k3s-options.ts'
import { parseLabelKey, parseLabelValue, parseTaint, refuseCloudLabel } from '../../model/kubernetes/labels.ts'
import { parseInterfaceName, quote } from '../../model/names.ts'
import type { ClusterInput, HostInput } from '../../model/schema/input.ts'
import { unameArch } from '../../model/systems/arch-names.ts'
import type { DistributionRun } from '../../probes/distribution/distribution-run.ts'
import type { SeenPast } from '../../probes/distribution/seen-past.ts'
import type { HostSystem } from '../../probes/host/host-system.ts'
import type { RunningNode } from '../../probes/node/running-node.ts'

/** The answers of one host of a running cluster. */
export interface Running {
  /** The name of its Node. */
  readonly nodeName: string
  readonly system: HostSystem
  readonly data: SeenPast
  readonly run: DistributionRun
  /** Absent if its k3s can't ask the API. */
  readonly node?: RunningNode
}

/** The host in the form of an inventory. */
export interface TakenHost {
  readonly host: HostInput
  /** From a server: what all hosts share. */
  readonly cluster: Omit<ClusterInput, 'k3s'> & {
    readonly k3s: Readonly<Record<string, string | number | boolean | readonly string[]>>
  }
  readonly version: string | undefined
  /** Open questions: what keel can't express in the inventory, or does not know. */
  readonly questions: readonly string[]
}

/** keel sets these from other values that it takes over, or they apply to one start only. */
const FOLLOWS = new Set([
  'token',
  'token-file',
  'agent-token',
  'agent-token-file',
  'server',
  'cluster-init',
  'config',
  'node-name',
  'cluster-reset',
])

/**
 * @param host what is known of it so far
 * @param name its name in the inventory
 */
export function takeOverRunning(
  name: string,
  host: HostInput,
  { nodeName, system, data, run, node }: Running,
): TakenHost {
  const questions: string[] = []
  const role = data.server ? 'server' : data.agent ? 'agent' : host.role
  const known = OSES.find((os) => os === system.id)
  const os = known ?? host.os
  const arch = unameArch.get(system.machine)
  if (!data.server && !data.agent) questions.push('k3s has no data on this host: is it part of the cluster?')
  if (known === undefined) questions.push(`os: the host reports ${quote(system.id)}, which keel does not know`)
  if (nodeName !== name)
    questions.push(
      `its Node is called ${quote(nodeName)}: rename the folder to that, or k3s registers this host as a new Node`,
    )
  if (run.datastore === 'external')
    questions.push('datastore: it is external, but keel supports only embedded etcd or sqlite')
  if (node === undefined)
    questions.push('its Node did not answer: copy flags, labels, taints and nodeIP from the k3s module of this host')
  const flags = node === undefined ? new Map<string, readonly string[]>() : node.flags
  const given = (flag: string) => (flags.get(flag) ?? []).flatMap((value) => value.split(','))
  const sound = <Value>(values: readonly Value[], parse: (value: Value) => unknown, what: string) =>
    values.filter((value) => {
      try {
        parse(value)
        return true
      } catch (error) {
        if (!(error instanceof KeelError)) throw error
        questions.push(
          `${what}: k3s has ${quote(Array.isArray(value) ? value.join('=') : String(value))}, which keel refuses: ${error.why ?? error.found}`,
        )
        return false
      }
    })
  // only servers have this flag, so an agent does not show the value of its cluster
  const hasCloudController = (flags.get('disable-cloud-controller')?.at(-1) ?? 'false') === 'false'
  const labels = sound(
    given('node-label').map((label) => [label.split('=')[0] ?? '', label.split('=').slice(1).join('=')] as const),
    ([key, value]) => [
      parseLabelKey(key),
      parseLabelValue(value),
      ...(hasCloudController ? [refuseCloudLabel(key)] : []),
    ],
    'labels',
  )
  const taints = sound(given('node-taint'), parseTaint, 'taints')
  for (const taint of taints)
    if (!node?.taints.includes(taint))
      questions.push(`taints: k3s registered ${quote(taint)}, and the Node does not have it now`)
  for (const [key, value] of labels)
    if (node?.labels[key] !== value)
      questions.push(`labels: k3s registered ${quote(`${key}=${value}`)}, and the Node does not have it now`)
  const nodeIP = sound(given('node-ip').length > 0 ? given('node-ip') : (node?.addresses ?? []), parseNodeIp, 'nodeIP')
  const [networkInterface] = sound(given('flannel-iface'), parseInterfaceName, 'network.interface')
  const options = optionsOf(flags, role, questions)
  // keel's own defaults are for IPv4
  const unsaid = nodeIP[0]?.includes(':') === true && role === 'server' ? defaultNetworks(nodeIP[0]) : undefined
  const networkOf = (flag: string, fallback: string | undefined) =>
    given(flag).length > 0 || fallback === undefined ? given(flag) : [fallback]
  const networks = {
    cluster: networkOf('cluster-cidr', unsaid?.cluster),
    service: networkOf('service-cidr', unsaid?.service),
    domain: given('cluster-domain')[0],
  }
  return {
    host: {
      ...host,
      os,
      role,
      ...(arch === undefined || arch === 'amd64' ? {} : { arch }),
      ...(nodeIP.length === 0 ? {} : { nodeIP: nodeIP.length === 1 && nodeIP[0] !== undefined ? nodeIP[0] : nodeIP }),
      ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
      ...(taints.length === 0 ? {} : { taints }),
      ...(networkInterface === undefined ? {} : { network: { interface: networkInterface } }),
      ...(Object.keys(options.own).length === 0 ? {} : { k3s: options.own }),
    },
    cluster: {
      ...(run.datastore === 'sqlite' ? { datastore: 'sqlite' } : {}),
      ...(networks.cluster.length + networks.service.length === 0 && networks.domain === undefined
        ? {}
        : {
            networks: {
              ...(networks.cluster.length === 0 ? {} : { cluster: networks.cluster }),
              ...(networks.service.length === 0 ? {} : { service: networks.service }),
              ...(networks.domain === undefined ? {} : { domain: networks.domain }),
            },
          }),
      k3s: options.shared,
    },
    version: run.version ?? data.version,
    questions,
  }
}

type Options = Record<string, string | number | boolean | readonly string[]>

/** The flags of k3s in the form of `k3s` in the inventory: those that all servers share, and those of this host. */
function optionsOf(flags: ReadonlyMap<string, readonly string[]>, role: Role, questions: string[]) {
  const [shared, own]: [Options, Options] = [{}, {}]
  const handled = new Set([
    'node-ip',
    'node-label',
    'node-taint',
    'flannel-iface',
    'cluster-cidr',
    'service-cidr',
    'cluster-domain',
  ])
  for (const [name, values] of flags) {
    if (FOLLOWS.has(name) || handled.has(name)) continue
    const flag = k3sFlags[role].get(name)
    const value = flag === undefined ? undefined : optionValue(flag, values)
    if (flag === undefined) questions.push(`k3s runs with --${name}, which keel does not know`)
    else if (flag.secret)
      questions.push(`k3s runs with --${name}: put its value into a secret, and { secret: NAME } into k3s`)
    else if (ownedFlag(name) !== undefined)
      questions.push(`k3s runs with --${name}=${quote(values.join(','))}: ${ownedFlag(name)}`)
    else if (values.some((each) => each.includes('/nix/store/')))
      questions.push(
        `k3s runs with --${name}=${quote(values.join(','))}, a file of its NixOS system: keel's module creates its own`,
      )
    else if (value !== undefined) {
      const written = { [name]: value }
      const check = flag.matching
        ? checkClusterOptions(written, () => undefined)
        : checkHostOptions(written, () => undefined, role)
      const [issue] = check.issues
      if (issue !== undefined)
        questions.push(
          `k3s runs with --${name}=${quote(values.join(','))}, which keel refuses: ${issue.why ?? issue.found}`,
        )
      else (flag.matching ? shared : own)[name] = value
    }
  }
  return { shared, own }
}

function optionValue({ type, name }: Flag, values: readonly string[]): string | number | boolean | readonly string[] {
  const last = values.at(-1) ?? ''
  if (type === 'Bool') return last !== 'false'
  if (type === 'Int') return Number(last)
  // arguments of components contain commas themselves
  if (type === 'StringSlice') return name.endsWith('-arg') ? values : values.flatMap((value) => value.split(','))
  return last
}
