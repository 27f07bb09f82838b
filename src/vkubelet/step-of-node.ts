import { carryOut, type Failure } from './carry-out.ts'
import { runningNow } from './health/running-now.ts'
import { doOnHost, type HostOperation, type HostTools } from './host/do-on-host.ts'
import { look } from './host/look.ts'
import { sliceName } from './names/slice-name.ts'
import { unitName } from './names/unit-name.ts'
import { allocatableOf } from './node/node-facts.ts'
import type { NodeWanted } from './node-wanted.ts'
import type { Pod } from './pod/pod.ts'
import { type ReadPod, readPod } from './pod/read-pod.ts'
import type { HostFacts } from './pod/resolve-environment.ts'
import type { PodMemory } from './pod-memory.ts'
import { type Around, preparePod } from './prepare.ts'
import { reasonOf } from './reason-of.ts'
import { isLeaving } from './reconcile/admission.ts'
import { type NextStep, nextStep } from './reconcile/next-step.ts'
import { reconcile } from './reconcile/reconcile.ts'
import { preparationKey, runKey, volumeKey, type World } from './reconcile/world.ts'
import { statusPatch } from './state/status-patch.ts'

/** Reasons for which a Pod does not run, and of which an Event tells. */
const REJECTED: ReadonlySet<string> = new Set(['NotSupported', 'NodePorts', 'OutOfpods'])
/** Milliseconds for which a step waits for what Pods need: a slow answer for one is none for the others. */
const PATIENCE = 1_000

/** Looks, decides, and does it. @throws Error where the host can't be looked at; a Pod that fails is a matter of its own */
export async function stepOfNode(wanted: NodeWanted, objects: readonly unknown[], known: PodMemory): Promise<NextStep> {
  const { read, facts, host, folders } = wanted
  const seen = await look(folders)
  const all = objects.map((one) => readOnce(known.read, one, facts.name))
  const pods = all.flatMap((one) => (one.kind === 'pod' ? [one.pod] : []))
  // before anything that waits for the API server
  known.health.see(runningNow(all, seen.units, facts.addresses[0] ?? '127.0.0.1'))
  known.usage.look(pods)
  const paused = known.faults.paused(Date.now())
  const credentials = await read()
  const { objects: kept, tokens, images, events } = known
  const tell: Around['tell'] = (pod, event) => events.tell(pod, event)
  const of = { mounts: host.mounts, units: seen.units, host: resourcesOf(wanted) }
  const live = pods.filter((pod) => !isLeaving(pod))
  images.hold(live.flatMap((pod) => runningImages(pod, seen.units)))
  const due = live.filter(({ uid }) => !paused.has(uid))
  const { preparations, variables, contents } = await known.preparing.prepare(due, {
    prepare: (pod) => preparePod(pod, { ...of, objects: kept, tokens, images, tell, credentials }),
    failed: (pod, error) => known.failed(pod, 'what it needs', error),
    patience: PATIENCE,
  })
  known.keepOnly(new Set(all.flatMap(uidOf)), new Set(live.flatMap(containersOf)))
  const now = Date.now()
  const faults = known.faults.paused(now)
  const world: World = {
    pods: all,
    units: seen.units,
    folders: seen.folders,
    preparations,
    volumes: { wanted: new Map([...contents].map(([key, { digest }]) => [key, digest])), seen: seen.volumes },
    users: seen.users,
    healths: known.health.healths,
    exceeded: known.usage.exceeded,
    signalled: known.signalled,
    faults,
    told: known.told(now),
    host,
    now,
  }
  const tools: HostTools = {
    folders,
    variablesOf: ({ pod, container }) => variables.get(preparationKey(pod, container)) ?? new Map(),
    contentOf: ({ pod, volume }) => contents.get(volumeKey(pod, volume)),
  }
  const owners = ownersOf(pods)
  const operations = reconcile(world)
  const byUid = new Map(pods.map((pod) => [pod.uid, pod]))
  const failures = await carryOut(operations, {
    owners,
    paused: faults,
    onHost: async (operation) => {
      await doOnHost(operation, tools)
      remember(known, operation, world, owners)
    },
    handOver: (operation) => {
      if (operation.kind === 'pre-stop') return known.health.preStop(operation.invocation)
      const { pod } = operation
      if (operation.kind === 'delete-pod') return known.reports.remove(pod)
      const { status } = operation
      const { reason, message = '' } = status
      if (reason !== undefined && REJECTED.has(reason)) events.tell(pod, { type: 'Warning', reason, message })
      const patch = () =>
        statusPatch({ pod: byUid.get(pod.uid) ?? pod, status, addresses: facts.addresses, now: Date.now() })
      known.reports.report(pod, status, patch)
    },
  })
  learn(wanted, known, byUid, failures, faults)
  return nextStep(operations, world, known.hasJustRun(now))
}

/** A hundred Pods are read in 15 ms, and most steps find none of them changed. */
function readOnce(known: PodMemory['read'], object: unknown, node: string): ReadPod {
  if (typeof object !== 'object' || object === null) return { kind: 'unreadable' }
  const found = known.get(object) ?? readPod(object, node)
  known.set(object, found)
  return found
}

function uidOf(read: ReadPod): readonly string[] {
  if (read.kind === 'unreadable') return []
  return [read.kind === 'pod' ? read.pod.uid : read.identity.uid]
}

function containersOf(pod: Pod): readonly string[] {
  return [...pod.initContainers, ...pod.containers].map(({ name }) => preparationKey(pod, name))
}

function runningImages(pod: Pod, units: World['units']) {
  return [...pod.initContainers, ...pod.containers].flatMap(({ name, image }) => {
    const unit = unitName({ namespace: pod.namespace, pod: pod.name, container: name })
    const shown = units.get(unit)?.shown
    return shown?.active === 'active' && shown.end === undefined ? [{ key: preparationKey(pod, name), image }] : []
  })
}

function ownersOf(pods: readonly Pod[]): ReadonlyMap<string, string> {
  return new Map(
    pods.flatMap(({ namespace, name: pod, uid, initContainers, containers }) => {
      const services = [...initContainers, ...containers].map(({ name }) =>
        unitName({ namespace, pod, container: name }),
      )
      return [...services, sliceName({ namespace, pod })].map((unit) => [unit, uid] as const)
    }),
  )
}

function resourcesOf({ facts }: NodeWanted): HostFacts {
  const { memory, milliCores } = allocatableOf(facts)
  return {
    nodeName: facts.name,
    addresses: facts.addresses,
    allocatable: {
      cpu: BigInt(milliCores) * 1_000_000n,
      memory: BigInt(memory) * 1_000_000_000n,
    },
  }
}

/** What systemd has taken from this program, and may not show yet. */
function remember(
  known: PodMemory,
  operation: HostOperation,
  { units }: World,
  owners: ReadonlyMap<string, string>,
): void {
  known.faults.succeeded(operation.kind)
  if (operation.kind === 'run')
    for (const unit of operation.units) known.tellRun(runKey(owners.get(unit) ?? '', unit, units))
  if (operation.kind !== 'signal') return
  for (const unit of operation.units) {
    const invocation = units.get(unit)?.shown?.invocation
    if (invocation !== undefined) known.signalled.add(invocation)
  }
}

/** A Pod that has failed is tried again later; what belongs to no Pod is tried at each step, and told less often. */
function learn(
  { log }: NodeWanted,
  known: PodMemory,
  pods: ReadonlyMap<string, Pod>,
  failures: readonly Failure[],
  faults: World['faults'],
): void {
  const failed = new Set(failures.map(({ key }) => key))
  for (const uid of pods.keys()) if (!failed.has(uid) && !faults.has(uid)) known.faults.succeeded(uid)
  for (const { key, what, error } of failures) {
    const pod = pods.get(key)
    if (pod !== undefined) known.failed(pod, what, error)
    else if (!faults.has(key)) {
      log.warn(`${what}: ${reasonOf(error)}`)
      known.faults.failed(key, what, Date.now())
    }
  }
}
