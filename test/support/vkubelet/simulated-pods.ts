import { expect } from 'vitest'
import { type ReadPod, readPod } from '../../../src/vkubelet/pod/read-pod.ts'
import type { Operation } from '../../../src/vkubelet/reconcile/operation.ts'
import { statusPatch } from '../../../src/vkubelet/state/status-patch.ts'
import { mergedStatus } from './merged-status.ts'
import { NODE, podObject } from './sample-pod.ts'

interface PodObject {
  readonly metadata: Record<string, unknown> & { readonly uid: string; deletionTimestamp?: string }
  readonly spec: unknown
  status: Record<string, unknown>
}

const readObject = (object: PodObject) => readPod(JSON.parse(JSON.stringify(object)), NODE)

/** The Pods of an API server in memory, by UID. Times are in milliseconds. */
export class SimulatedPods {
  readonly objects = new Map<string, PodObject>()

  create(uid: string, parts: Parameters<typeof podObject>[0] = {}): void {
    const object = podObject({ ...parts, metadata: { uid, ...parts.metadata } })
    this.objects.set(uid, object as unknown as PodObject)
  }

  /** Somebody asks for the end of a Pod, which is there until `remove`. @param grace in seconds */
  delete(uid: string, grace: number, now: number): void {
    const pod = this.objects.get(uid)
    if (pod !== undefined && pod.metadata.deletionTimestamp === undefined)
      pod.metadata.deletionTimestamp = new Date(now + grace * 1000).toISOString()
  }

  /** The Node has ended a Pod. */
  remove(uid: string): void {
    if (this.objects.get(uid)?.metadata.deletionTimestamp !== undefined) this.objects.delete(uid)
  }

  /** The Pods, as the Node gets them. */
  read(): readonly ReadPod[] {
    return [...this.objects.values()].map(readObject)
  }

  report({ pod: asked, status }: Operation & { kind: 'report' }, now: number): void {
    const pod = this.objects.get(asked.uid)
    if (pod === undefined) return
    const read = readObject(pod)
    const patch = statusPatch({
      pod: read.kind === 'pod' ? read.pod : asked,
      status,
      addresses: ['10.0.0.1'],
      now,
    })
    const { phase } = pod.status
    if (phase === 'Succeeded' || phase === 'Failed') expect(status.phase, 'a final phase changes').toBe(phase)
    pod.status = mergedStatus(pod.status, patch)
  }

  statusOf(uid: string): Record<string, unknown> {
    return this.objects.get(uid)?.status ?? expect.unreachable(`no Pod ${uid}`)
  }
}
