import { growingPause } from '../../agent/growing-pause.ts'
import { microTime } from '../../agent/kubernetes/micro-time.ts'

/** Where the leases of Nodes are (kubernetes.io/docs/concepts/architecture/leases). */
export const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

/** Seconds without a renewal after which the Node may be gone: kubelet's own (nodeLeaseDurationSeconds). */
const DURATION = 40

/** Milliseconds between two renewals: a quarter of the duration, as kubelet has it. */
const RENEW_EVERY = (DURATION * 1000) / 4

/**
 * Milliseconds until the Node is reported again. Soon after a failure, because a host that joins has its certificate a
 * moment later, and a Lease must not end while the API server is away for a short time.
 * @param failures since the last report @param random from 0 to 1
 */
export function nextReport(failures: number, random = Math.random()): number {
  if (failures === 0) return RENEW_EVERY
  return Math.min(growingPause({ shortest: 500, longest: RENEW_EVERY }, failures, random), RENEW_EVERY)
}

/**
 * The Lease of a Node. It alone keeps the Node Ready, so it is renewed only while the program does its work.
 * @param uid of the Node: with it, the Lease goes when the Node goes
 * @param resourceVersion of the Lease that is renewed; absent: it is new
 */
export function nodeLease(name: string, uid: string, now: number, resourceVersion?: string): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: DURATION, renewTime: microTime(now) },
  }
}
