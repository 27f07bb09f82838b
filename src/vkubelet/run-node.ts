import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../agent/kubernetes/api.ts'
import type { Credentials } from '../agent/kubernetes/credentials.ts'
import type { Log } from '../agent/log.ts'
import { systemCode } from '../errors.ts'
import { ApiObjects } from './api/objects.ts'
import { PodsOfNode } from './api/pods-of-node.ts'
import { postEvent } from './api/post-event.ts'
import { registerNode, renewLease, reportNode } from './api/register-node.ts'
import { deletePod, reportPod } from './api/report-pod.ts'
import { ApiTokens } from './api/tokens.ts'
import type { HostImages, ImageEvent } from './apt/host-images.ts'
import { HealthKeeper } from './health/health-keeper.ts'
import { runningNow } from './health/running-now.ts'
import { doOnHost } from './host/do-on-host.ts'
import type { HostFolders } from './host/host-folders.ts'
import { isAlive } from './host/is-alive.ts'
import { look } from './host/look.ts'
import { VolumeUsage } from './host/usage.ts'
import type { NodeFacts } from './node/node-facts.ts'
import { nextReport } from './node/node-lease.ts'
import { nodeConditions, nodeStatus } from './node/node-object.ts'
import { type Left, pressuresOf } from './node/pressures.ts'
import type { PodIdentity } from './pod/pod.ts'
import { type ReadPod, readPod } from './pod/read-pod.ts'
import { prepare } from './prepare.ts'
import type { Operation } from './reconcile/operation.ts'
import { reconcile } from './reconcile/reconcile.ts'
import { settledProcesses } from './reconcile/settled.ts'
import { preparationKey, volumeKey, type World } from './reconcile/world.ts'
import { timeOf } from './state/container-status.ts'
import { statusPatch } from './state/status-patch.ts'
import type { HostSettings } from './units/container-unit.ts'

/**
 * Milliseconds between two looks at systemd while nothing comes from the API server; the longer one while nothing is in
 * motion on the host. A look at 100 units takes 0.1 s of a core.
 */
const LOOK_AGAIN = 1_000
const LOOK_AT_REST = 10_000

interface Wanted {
  readonly read: () => Promise<Credentials>
  readonly facts: NodeFacts
  readonly left: () => Promise<Left>
  readonly images: (changed: () => void) => HostImages
  readonly host: HostSettings
  readonly folders: HostFolders
  /** The Pods of the Node, for others who want to know them. */
  readonly pods?: PodsOfNode
  readonly log: Log
  readonly signal: AbortSignal
}

/** Runs the Pods of a Node on this host. Ends by `signal` alone, and with its reason. */
export async function runNode(wanted: Wanted): Promise<never> {
  const { pods = new PodsOfNode() } = wanted
  let wake = () => {}
  const changed = () => wake()
  const following = pods.follow({ ...wanted, node: wanted.facts.name, changed })
  return Promise.race([following, keepNode(wanted), keepPods(wanted, pods, (one) => (wake = one))])
}

/** Registers the Node, and says every ten seconds that it is there. */
async function keepNode({ read, facts, left, log, signal }: Wanted): Promise<never> {
  for (let failures = 0; ; ) {
    try {
      const now = Date.now()
      const { uid, conditions: known } = await registerNode(await read(), facts)
      const conditions = nodeConditions(pressuresOf(await left()), undefined)
      await reportNode(await read(), facts.name, nodeStatus(facts, conditions, known, timeOf(now)))
      await renewLease(await read(), facts.name, uid, now)
      failures = 0
    } catch (error) {
      failures += 1
      log.warn(`the Node is not reported: ${reasonOf(error)}`)
    }
    await sleep(nextReport(failures), undefined, { signal })
  }
}

async function keepPods(wanted: Wanted, pods: PodsOfNode, onWake: (wake: () => void) => void): Promise<never> {
  let wake = () => {}
  const memory: Memory = {
    signalled: new Set(),
    objects: new ApiObjects(),
    tokens: new ApiTokens(),
    health: new HealthKeeper({
      changed: () => wake(),
      failed: ({ pod, container }, why) =>
        wanted.log.warn(`container ${container.name} of ${pod.namespace}/${pod.name} has to end: ${why}`),
    }),
    usage: new VolumeUsage(),
    read: new WeakMap(),
    images: wanted.images(() => wake()),
  }
  wanted.signal.addEventListener('abort', () => memory.health.stop(), { once: true })
  for (;;) {
    let isWoken = false
    const woken = new Promise<void>((resolve) => {
      wake = () => {
        isWoken = true
        resolve()
      }
      onWake(wake)
    })
    let settled: readonly number[] | undefined
    try {
      if (pods.objects !== undefined) settled = await step(wanted, pods.objects, memory)
    } catch (error) {
      wanted.log.error(`a step of the Pods: ${reasonOf(error)}`)
    }
    const mayRest = () => !isWoken && settled?.every(isAlive) === true
    await Promise.race([woken, pause(mayRest, wanted.signal)])
    wanted.signal.throwIfAborted()
  }
}

/** Until it is time for another look at systemd: later, as long as nothing can have changed there by itself. */
async function pause(mayRest: () => boolean, signal: AbortSignal): Promise<void> {
  const latest = Date.now() + LOOK_AT_REST
  do await sleep(LOOK_AGAIN, undefined, { signal })
  while (mayRest() && Date.now() < latest)
}

/** What the program knows from earlier steps. Without it the next step costs more, and does the same. */
interface Memory {
  readonly signalled: Set<string>
  readonly objects: ApiObjects
  readonly tokens: ApiTokens
  readonly health: HealthKeeper
  readonly usage: VolumeUsage
  /** Pods by their objects, which are others when they change. */
  readonly read: WeakMap<object, ReadPod>
  readonly images: HostImages
}

/** @returns the processes by whose end it is time for the next step; undefined: it is time soon */
async function step(
  wanted: Wanted,
  objects: readonly unknown[],
  known: Memory,
): Promise<readonly number[] | undefined> {
  const { read, facts, host, folders } = wanted
  const seen = await look(folders)
  const pods = objects.map((one) => readOnce(known.read, one, facts.name))
  // before anything that waits for the API server
  known.health.see(runningNow(pods, seen.units, facts.addresses[0] ?? '127.0.0.1'))
  known.usage.look(pods.flatMap((one) => (one.kind === 'pod' ? [one.pod] : [])))
  const credentials = await read()
  const { memory, milliCores } = facts.reserve
  const { preparations, variables, contents } = await prepare(pods, {
    ...known,
    credentials,
    tell: (pod: PodIdentity, event: ImageEvent) => void tell(wanted, pod, event),
    mounts: host.mounts,
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
  const { units, volumes, users } = seen
  const digests = new Map([...contents].map(([key, { digest }]) => [key, digest]))
  const world: World = {
    pods,
    units,
    folders: seen.folders,
    preparations,
    volumes: { wanted: digests, seen: volumes },
    users,
    healths: known.health.healths,
    exceeded: known.usage.exceeded,
    signalled: known.signalled,
    host,
    now: Date.now(),
  }
  const variablesOf = ({ pod, container }: Operation & { kind: 'write-environment' }) =>
    variables.get(preparationKey(pod, container)) ?? new Map<string, string>()
  const contentOf = ({ pod, volume }: Operation & { kind: 'write-volume' }) => contents.get(volumeKey(pod, volume))
  const operations = reconcile(world)
  for (const operation of operations) {
    if (operation.kind === 'report') await reportPod(credentials, operation.pod, patchOf(wanted, pods, operation))
    else if (operation.kind === 'delete-pod') await deletePod(credentials, operation.pod)
    else if (operation.kind === 'pre-stop') known.health.preStop(operation.invocation)
    else await doOnHost(operation, { folders, variablesOf, contentOf })
    const invocation = operation.kind === 'signal' ? world.units.get(operation.unit)?.shown?.invocation : undefined
    if (invocation !== undefined) known.signalled.add(invocation)
  }
  return operations.length === 0 ? settledProcesses(world) : undefined
}

/** A hundred Pods are read in 15 ms, and most steps find none of them changed. */
function readOnce(known: WeakMap<object, ReadPod>, object: unknown, node: string): ReadPod {
  if (typeof object !== 'object' || object === null) return { kind: 'unreadable' }
  const found = known.get(object) ?? readPod(object, node)
  known.set(object, found)
  return found
}

/** An Event that cannot be told costs nothing: the status of the Pod has the same reason. */
async function tell({ read, facts, log }: Wanted, pod: PodIdentity, event: ImageEvent): Promise<void> {
  try {
    await postEvent(await read(), facts.name, pod, event, Date.now())
  } catch (error) {
    log.debug(`an Event of ${pod.namespace}/${pod.name}: ${reasonOf(error)}`)
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
