import { ApiObjects } from './api/objects.ts'
import { PodEvents } from './api/pod-events.ts'
import { PodReports } from './api/pod-reports.ts'
import { postEvent } from './api/post-event.ts'
import { deletePod, reportPod } from './api/report-pod.ts'
import { ApiTokens } from './api/tokens.ts'
import type { HostImages } from './apt/host-images.ts'
import { AtMost } from './at-most.ts'
import { Faults } from './faults.ts'
import { HealthKeeper } from './health/health-keeper.ts'
import { VolumeUsage } from './host/usage.ts'
import type { NodeWanted } from './node-wanted.ts'
import type { PodIdentity } from './pod/pod.ts'
import type { ReadPod } from './pod/read-pod.ts'
import { Preparing } from './preparing.ts'
import { reasonOf } from './reason-of.ts'

/** Reads of the API server at a time. Reports have places of their own. */
const READS = 8
/** Milliseconds for which systemd may not have come to what it was told. */
const TOLD = 10_000
/** Milliseconds in which nearly every start is over. */
const STARTS = 2_000

/** What the program knows from earlier steps. Without it the next step costs more, and does the same. */
export class PodMemory {
  /** Invocations that got a SIGTERM. */
  readonly signalled = new Set<string>()
  /** Pods by their objects, which are others when they change. */
  readonly read = new WeakMap<object, ReadPod>()
  readonly faults = new Faults()
  readonly usage: VolumeUsage
  readonly objects: ApiObjects
  readonly tokens: ApiTokens
  readonly events: PodEvents
  readonly reports: PodReports
  readonly health: HealthKeeper
  readonly images: HostImages
  readonly preparing: Preparing
  /** By `runKey`, since when: milliseconds. */
  readonly #told = new Map<string, number>()
  readonly #wanted: NodeWanted

  /** @param changed another step may find something to do */
  constructor(wanted: NodeWanted, changed: () => void) {
    const { read, facts, log } = wanted
    this.#wanted = wanted
    const places = new AtMost(READS)
    this.objects = new ApiObjects(places)
    this.tokens = new ApiTokens(places)
    this.events = new PodEvents({
      post: async (pod, event, count) => postEvent(await read(), facts.name, pod, { ...event, count }, Date.now()),
      // it costs nothing: the status of the Pod has the same reason
      failed: (pod, error) => log.debug(`an Event of ${nameOf(pod)}: ${reasonOf(error)}`),
    })
    this.reports = new PodReports({
      report: async (pod, patch) => reportPod(await read(), pod, patch),
      remove: async (pod) => deletePod(await read(), pod),
      failed: (pod, error, isNews) => {
        if (isNews) this.#tellFailure(pod, `its status is not reported: ${reasonOf(error)}`)
      },
    })
    this.health = new HealthKeeper({
      changed,
      failed: ({ pod, container }, why) => {
        log.warn(`container ${container.name} of ${nameOf(pod)} has to end: ${why}`)
        this.events.tell(pod, {
          type: 'Normal',
          reason: 'Killing',
          message: `Container ${container.name} has to end: ${why}`,
        })
      },
      // kubelet's words (pkg/kubelet/prober/prober.go)
      unhealthy: ({ pod }, kind, why) =>
        this.events.tell(pod, {
          type: 'Warning',
          reason: 'Unhealthy',
          message: `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe failed: ${why}`,
        }),
    })
    this.usage = new VolumeUsage(changed)
    this.images = wanted.images(changed)
    this.preparing = new Preparing(changed)
  }

  /** One Pod can't go on for now. */
  failed(pod: PodIdentity, what: string, error: unknown): void {
    const why = `${what}: ${reasonOf(error)}`
    this.faults.failed(pod.uid, why, Date.now())
    this.#tellFailure(pod, why)
  }

  told(now: number): ReadonlySet<string> {
    for (const [key, at] of this.#told) if (now - at > TOLD) this.#told.delete(key)
    return new Set(this.#told.keys())
  }

  /** Whether systemd was told to run something a moment ago. */
  hasJustRun(now: number): boolean {
    return [...this.#told.values()].some((at) => now - at < STARTS)
  }

  tellRun(key: string): void {
    this.#told.set(key, Date.now())
  }

  /** Forgets all Pods but these. */
  keepOnly(uids: ReadonlySet<string>, containers: ReadonlySet<string>): void {
    this.images.forget((key) => containers.has(key))
    this.objects.forget()
    this.tokens.forget(uids)
    this.reports.forget(uids)
    this.events.forget()
    this.faults.forget(Date.now())
  }

  /** kubelet's word for it (pkg/kubelet/events, FailedSync). */
  #tellFailure(pod: PodIdentity, message: string): void {
    this.#wanted.log.warn(`${nameOf(pod)}: ${message}`)
    this.events.tell(pod, { type: 'Warning', reason: 'FailedSync', message: `error syncing pod: ${message}` })
  }
}

function nameOf({ namespace, name }: PodIdentity): string {
  return `${namespace}/${name}`
}
