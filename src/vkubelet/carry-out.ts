import { AtMost } from './at-most.ts'
import type { HostOperation } from './host/do-on-host.ts'
import { SystemctlError } from './host/systemctl.ts'
import type { Operation } from './reconcile/operation.ts'

/** What is not done on the host, and is not waited for: reports, deletions, hooks. */
type HandedOver = Extract<Operation, { kind: 'report' | 'delete-pod' | 'pre-stop' }>

type Done = Exclude<Operation, HandedOver>

interface Wanted {
  /** The UIDs of Pods, by the names of all units that they have or will have. */
  readonly owners: ReadonlyMap<string, string>
  /** What is not to be tried now, by the keys of failures. */
  readonly paused: ReadonlyMap<string, string>
  /** @throws whatever has failed */
  readonly onHost: (operation: HostOperation) => Promise<void>
  readonly handOver: (operation: HandedOver) => void
}

export interface Failure {
  /** The UID of its Pod; else what it was. */
  readonly key: string
  readonly what: string
  readonly error: unknown
}

/** Pods at a time: each waits for the file system, and for one program at most. */
const SIDE_BY_SIDE = 8

/**
 * Does the operations of a step. Those of one Pod are done in their order, and the first that fails ends them for this
 * step; different Pods go side by side. What is for all of them at once (a daemon-reload, a start) is alone, in its place.
 * @returns what has failed; it throws nothing
 */
export async function carryOut(operations: readonly Operation[], wanted: Wanted): Promise<readonly Failure[]> {
  const failures = new Map<string, Failure>()
  const places = new AtMost(SIDE_BY_SIDE)
  const lanes = new Map<string, Done[]>()
  const attempt = async (key: string, operation: Done) => {
    if (failures.has(key)) return
    try {
      if (operation.kind === 'fail') throw operation.error
      await wanted.onHost(operation)
    } catch (error) {
      failures.set(key, { key, what: whatOf(operation), error })
    }
  }
  const finishLanes = async () => {
    const open = [...lanes]
    lanes.clear()
    const inOrder = async (key: string, ofLane: readonly Done[]) => {
      for (const operation of ofLane) await attempt(key, operation)
    }
    await Promise.all(open.map(([key, ofLane]) => places.run(() => inOrder(key, ofLane))))
  }
  const start = async (units: readonly string[]) => {
    const { owners, paused } = wanted
    const able = units.filter((unit) => {
      const key = owners.get(unit) ?? unit
      return !failures.has(key) && !paused.has(key)
    })
    // what systemd has loaded is the file of the run before
    if (able.length === 0 || failures.has('reload')) return
    try {
      await wanted.onHost({ kind: 'run', units: able })
    } catch (error) {
      for (const one of failuresOfStart(able, error, owners)) failures.set(one.key, one)
    }
  }
  for (const operation of operations) {
    if (isHandedOver(operation)) {
      wanted.handOver(operation)
      continue
    }
    const lane = laneOf(operation, wanted.owners)
    if (lane !== undefined) {
      if (!wanted.paused.has(lane)) lanes.set(lane, [...(lanes.get(lane) ?? []), operation])
      continue
    }
    await finishLanes()
    if (operation.kind === 'run') await start(operation.units)
    else await attempt(operation.kind, operation)
  }
  await finishLanes()
  return [...failures.values()]
}

function isHandedOver(operation: Operation): operation is HandedOver {
  return operation.kind === 'report' || operation.kind === 'delete-pod' || operation.kind === 'pre-stop'
}

/** Whose it is; undefined for what is for all. */
function laneOf(operation: Done, owners: Wanted['owners']): string | undefined {
  switch (operation.kind) {
    case 'write-environment':
    case 'write-volume':
    case 'add-user':
    case 'fail':
      return operation.pod.uid
    case 'write-unit':
    case 'remove-unit':
      return owners.get(operation.unit) ?? operation.unit
    case 'remove-folder':
      return `folder ${operation.uid}`
    default:
      return undefined
  }
}

/**
 * systemctl starts all that it can, and names the others: `Failed to restart UNIT: …` (systemctl-start-unit.c). Where it
 * names none, systemd itself did not do it.
 */
function failuresOfStart(units: readonly string[], error: unknown, owners: Wanted['owners']): readonly Failure[] {
  const lines = error instanceof SystemctlError ? error.message.split('\n') : []
  const named = units.flatMap((unit) => {
    const line = lines.find((one) => one.startsWith(`Failed to restart ${unit}: `))
    if (line === undefined) return []
    return [{ key: owners.get(unit) ?? unit, what: `the start of ${unit}`, error: new SystemctlError(line) }]
  })
  return named.length > 0 ? named : [{ key: 'run', what: 'a start of units', error }]
}

function whatOf(operation: Done): string {
  switch (operation.kind) {
    case 'write-environment':
      return `the environment of container ${operation.container}`
    case 'write-volume':
      return `volume ${operation.volume}`
    case 'write-unit':
      return `the file of ${operation.unit}`
    case 'remove-unit':
      return `the removal of ${operation.unit}`
    case 'remove-folder':
      return `the removal of the folders of Pod ${operation.uid}`
    case 'add-user':
    case 'remove-user':
      return `the entry of user ${operation.user}`
    case 'fail':
      return 'what is to be done for it'
    case 'reload':
      return 'systemctl daemon-reload'
    default:
      return `systemctl ${operation.kind === 'signal' ? 'kill' : operation.kind}`
  }
}
