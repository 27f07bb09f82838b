import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../agent/kubernetes/api.ts'
import type { Credentials } from '../agent/kubernetes/credentials.ts'
import type { Log } from '../agent/log.ts'
import { systemCode } from '../errors.ts'
import { PodsOfNode } from './api/pods-of-node.ts'
import { registerNode, renewLease, reportNode } from './api/register-node.ts'
import { deletePod, reportPod } from './api/report-pod.ts'
import { doOnHost } from './host/do-on-host.ts'
import type { HostFolders } from './host/host-folders.ts'
import { look } from './host/look.ts'
import type { AllowList } from './images/allow-list.ts'
import type { NodeFacts } from './node/node-facts.ts'
import { RENEW_EVERY } from './node/node-lease.ts'
import { nodeConditions, nodeStatus } from './node/node-object.ts'
import { type Left, pressuresOf } from './node/pressures.ts'
import { type ReadPod, readPod } from './pod/read-pod.ts'
import { prepare } from './prepare.ts'
import type { Operation } from './reconcile/operation.ts'
import { reconcile } from './reconcile/reconcile.ts'
import { preparationKey, type World } from './reconcile/world.ts'
import { timeOf } from './state/container-status.ts'
import { statusPatch } from './state/status-patch.ts'
import type { HostSettings } from './units/container-unit.ts'

/** Milliseconds between two looks at systemd while nothing comes from the API server. */
const LOOK_AGAIN = 1_000

interface Wanted {
  readonly read: () => Promise<Credentials>
  readonly facts: NodeFacts
  readonly left: () => Promise<Left>
  readonly allow: AllowList
  readonly host: HostSettings
  readonly folders: HostFolders
  readonly log: Log
  readonly signal: AbortSignal
}

/** Runs the Pods of a Node on this host. Ends by `signal` alone, and with its reason. */
export async function runNode(wanted: Wanted): Promise<never> {
  const pods = new PodsOfNode()
  let wake = () => {}
  const changed = () => wake()
  const following = pods.follow({ ...wanted, node: wanted.facts.name, changed })
  return Promise.race([following, keepNode(wanted), keepPods(wanted, pods, (one) => (wake = one))])
}

/** Registers the Node, and says every ten seconds that it is there. */
async function keepNode({ read, facts, left, log, signal }: Wanted): Promise<never> {
  for (;;) {
    try {
      const now = Date.now()
      const { uid, conditions: known } = await registerNode(await read(), facts)
      const conditions = nodeConditions(pressuresOf(await left()), undefined)
      await reportNode(await read(), facts.name, nodeStatus(facts, conditions, known, timeOf(now)))
      await renewLease(await read(), facts.name, uid, now)
    } catch (error) {
      log.warn(`the Node is not reported: ${reasonOf(error)}`)
    }
    await sleep(RENEW_EVERY, undefined, { signal })
  }
}

async function keepPods(wanted: Wanted, pods: PodsOfNode, onWake: (wake: () => void) => void): Promise<never> {
  const signalled = new Set<string>()
  for (;;) {
    const woken = new Promise<void>((resolve) => onWake(resolve))
    try {
      if (pods.objects !== undefined) await step(wanted, pods.objects, signalled)
    } catch (error) {
      wanted.log.error(`a step of the Pods: ${reasonOf(error)}`)
    }
    await Promise.race([woken, sleep(LOOK_AGAIN, undefined, { signal: wanted.signal })])
    wanted.signal.throwIfAborted()
  }
}

async function step(wanted: Wanted, objects: readonly unknown[], signalled: Set<string>): Promise<void> {
  const { read, facts, host, folders } = wanted
  const seen = await look(folders)
  const pods = objects.map((one) => readPod(one, facts.name))
  const credentials = await read()
  const { memory, milliCores } = facts.reserve
  const { preparations, variables } = await prepare(pods, {
    credentials,
    allow: wanted.allow,
    units: seen.units,
    host: {
      nodeName: facts.name,
      addresses: facts.addresses,
      allocatable: {
        cpu: BigInt(facts.cores * 1000 - milliCores) * 1_000_000n,
        memory: BigInt(facts.memory - memory) * 1_000_000_000n,
      },
    },
  })
  const world: World = { pods, ...seen, preparations, signalled, host, now: Date.now() }
  const variablesOf = ({ pod, container }: Operation & { kind: 'write-environment' }) =>
    variables.get(preparationKey(pod, container)) ?? new Map<string, string>()
  for (const operation of reconcile(world)) {
    if (operation.kind === 'report') await reportPod(credentials, operation.pod, patchOf(wanted, pods, operation))
    else if (operation.kind === 'delete-pod') await deletePod(credentials, operation.pod)
    else await doOnHost(operation, { folders, variablesOf })
    const invocation = operation.kind === 'signal' ? world.units.get(operation.unit)?.shown?.invocation : undefined
    if (invocation !== undefined) signalled.add(invocation)
  }
}

function patchOf({ facts }: Wanted, pods: readonly ReadPod[], { pod, status }: Operation & { kind: 'report' }): object {
  const found = pods.find((one) => one.kind === 'pod' && one.pod.uid === pod.uid)
  return statusPatch({
    pod: found?.kind === 'pod' ? found.pod : pod,
    status,
    addresses: facts.addresses,
    now: Date.now(),
  })
}

function reasonOf(error: unknown): string {
  return error instanceof ApiError ? error.message : systemCode(error)
}
