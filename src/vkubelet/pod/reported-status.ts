import * as z from 'zod'

/**
 * What the API server has of this Node's own reports. It is a memory that outlives the host's `/run`: which runs of a
 * container there were. Nothing of it is believed but numbers and names.
 */
const container = z.looseObject({
  name: z.string().max(63),
  restartCount: z.int().min(0).max(1_000_000).catch(0),
  containerID: z.string().max(100).optional().catch(undefined),
  started: z.boolean().nullish().catch(undefined),
  ready: z.boolean().nullish().catch(undefined),
})

const condition = z.looseObject({
  type: z.string().max(320),
  status: z.enum(['True', 'False', 'Unknown']),
  lastTransitionTime: z.iso.datetime().nullish(),
})

const status = z.looseObject({
  phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).catch('Pending'),
  startTime: z.iso.datetime().optional().catch(undefined),
  initContainerStatuses: z.array(container).max(200).catch([]),
  containerStatuses: z.array(container).max(200).catch([]),
  conditions: z.array(condition).max(100).catch([]),
})

export interface ReportedStatus {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  /** RFC 3339. */
  readonly startTime?: string
  readonly containers: ReadonlyMap<string, ReportedRun>
  readonly conditions: readonly ReportedCondition[]
  /** As it is, to see whether a report would change it. */
  readonly whole: unknown
}

/** Also of others: the controller of Nodes sets `Ready` to False. */
interface ReportedCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  /** RFC 3339. */
  readonly since?: string
}

/** The last run of a container that was reported. */
export interface ReportedRun {
  readonly restarts: number
  /** systemd's invocation ID; absent where none has begun. */
  readonly invocation?: string
  /** By its probes. */
  readonly isStarted: boolean
  readonly isReady: boolean
}

const NOTHING_REPORTED: ReportedStatus = { phase: 'Pending', containers: new Map(), conditions: [], whole: {} }

/** @param object `status` of a Pod */
export function reportedStatusOf(object: unknown): ReportedStatus {
  const { data } = status.safeParse(object ?? {})
  if (data === undefined) return NOTHING_REPORTED
  const { phase, startTime, initContainerStatuses, containerStatuses } = data
  const runs = [...initContainerStatuses, ...containerStatuses].map((one) => {
    const invocation = invocationOf(one.containerID)
    const run: ReportedRun = {
      restarts: one.restartCount,
      ...(invocation === undefined ? {} : { invocation }),
      isStarted: one.started ?? false,
      isReady: one.ready ?? false,
    }
    return [one.name, run] as const
  })
  return {
    phase,
    containers: new Map(runs),
    conditions: data.conditions.map(({ type, status: is, lastTransitionTime: since }) => ({
      type,
      status: is,
      ...(since === null || since === undefined ? {} : { since }),
    })),
    whole: object ?? {},
    ...(startTime === undefined ? {} : { startTime }),
  }
}

/** `systemd://…`: the ID of a container is that of the unit's invocation, new with each start. */
export function containerId(invocation: string): string {
  return `systemd://${invocation}`
}

function invocationOf(id: string | undefined): string | undefined {
  return /^systemd:\/\/([0-9a-f]{32})$/.exec(id ?? '')?.[1]
}
