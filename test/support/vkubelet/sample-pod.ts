import { expect } from 'vitest'
import type { Pod } from '../../../src/vkubelet/pod/pod.ts'
import { type ReadPod, readPod } from '../../../src/vkubelet/pod/read-pod.ts'

export const UID = '6a1f0f1e-2b68-4c4e-9d59-0a3f4c1b2d3e'
export const NODE = 'ocean'

export type Json = Readonly<Record<string, unknown>>

interface Parts {
  readonly metadata?: Json
  readonly spec?: Json
  /** Of the one container, unless `spec` has others. */
  readonly container?: Json
  readonly status?: Json
}

/** A Pod as an API server of Kubernetes 1.34 sends it, with all that it adds by itself. */
export function podObject({ metadata = {}, spec = {}, container = {}, status = {} }: Parts = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'uptimed',
      namespace: 'default',
      uid: UID,
      resourceVersion: '1234',
      generation: 1,
      creationTimestamp: '2026-11-30T08:00:00Z',
      labels: { app: 'uptimed' },
      ...metadata,
    },
    spec: {
      containers: [containerObject(container)],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      serviceAccount: 'default',
      automountServiceAccountToken: false,
      nodeName: NODE,
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
      ...spec,
    },
    status: { phase: 'Pending', qosClass: 'BestEffort', ...status },
  }
}

export function containerObject(more: Json = {}): Json {
  return {
    name: 'uptimed',
    image: 'exec:/usr/sbin/uptimed',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    ...more,
  }
}

export function readSample(parts: Parts = {}): ReadPod {
  return readPod(podObject(parts), NODE)
}

/** The Pod of an object that this Node runs. */
export function samplePod(parts: Parts = {}): Pod {
  const read = readSample(parts)
  if (read.kind !== 'pod') return expect.unreachable(JSON.stringify(read))
  return read.pod
}
