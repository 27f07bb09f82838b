import { isIP } from 'node:net'
import { minorOf } from '../../model/k3s/k3s-version.ts'
import { allocatableOf, type NodeFacts } from './node-facts.ts'
import type { Pressures } from './pressures.ts'

/** The Node as it registers. Its taints count only now: later the API server takes no other ones from it. */
export function nodeObject({ name, labels, taints, arch }: NodeFacts): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        ...labels,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': arch,
      },
    },
    spec: { taints },
  }
}

interface Condition {
  readonly type: 'Ready' | 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

/**
 * The conditions of the Node, as they are now. None of them is True or False by itself.
 * @param problem why no Pod can run, in words; undefined: nothing
 */
export function nodeConditions({ memory, disk, tasks }: Pressures, problem: string | undefined): readonly Condition[] {
  const pressure = (type: Condition['type'], isShort: boolean, what: string): Condition => ({
    type,
    status: isShort ? 'True' : 'False',
    reason: isShort ? `HostIsShortOf${what}` : `HostHasEnough${what}`,
    message: isShort ? `the host is short of ${what}` : `the host has enough ${what}`,
  })
  return [
    {
      type: 'Ready',
      status: problem === undefined ? 'True' : 'False',
      reason: problem === undefined ? 'SystemdAnswers' : 'HostHasProblem',
      message: problem ?? 'systemd answers, and keel-vkubelet runs Pods',
    },
    pressure('MemoryPressure', memory, 'Memory'),
    pressure('DiskPressure', disk, 'Disk'),
    pressure('PIDPressure', tasks, 'Processes'),
  ]
}

/** A condition that the API server has, with the time since when it is so (RFC 3339, seconds). */
export interface KnownCondition {
  readonly type: string
  readonly status: string
  readonly since: string
}

/** Has WebSockets brought to this Node as they are (Kubernetes 1.36, NodeDeclaredFeatures). Sorted: the API server asks for it. */
const FEATURES = ['ExtendWebSocketsToKubelet']

/** An older API server does not know the field, and drops it. @param version of Kubernetes */
function declared(version: string): object {
  return (minorOf(version) ?? 0) >= 36 ? { declaredFeatures: FEATURES } : {}
}

/** The strategic merge patch for `/status`. @param now RFC 3339, in seconds */
export function nodeStatus(
  facts: NodeFacts,
  conditions: readonly Condition[],
  known: readonly KnownCondition[],
  now: string,
): object {
  const { name, arch, cores, memory, disk, mostPods, addresses, port, system } = facts
  const capacity = {
    cpu: `${cores}`,
    memory: `${Math.floor(memory / 1024)}Ki`,
    'ephemeral-storage': `${disk}`,
    pods: `${mostPods}`,
  }
  const left = allocatableOf(facts)
  return {
    status: {
      capacity,
      allocatable: {
        ...capacity,
        cpu: `${left.milliCores}m`,
        memory: `${Math.floor(left.memory / 1024)}Ki`,
      },
      conditions: conditions.map((one) => {
        const before = known.find(({ type }) => type === one.type)
        const since = before?.status === one.status ? before.since : now
        return { ...one, lastHeartbeatTime: now, lastTransitionTime: since }
      }),
      addresses: [
        ...addresses.filter((one) => isIP(one) !== 0).map((address) => ({ type: 'InternalIP', address })),
        { type: 'Hostname', address: name },
      ],
      ...declared(system.version),
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
      nodeInfo: {
        machineID: system.machineId,
        systemUUID: system.machineId,
        bootID: system.bootId,
        kernelVersion: system.kernel,
        osImage: system.osImage,
        containerRuntimeVersion: `systemd://${system.systemd}`,
        kubeletVersion: system.version,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: arch,
      },
    },
  }
}
