import { askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import { noteText } from '../pod/note-text.ts'
import type { PodIdentity } from '../pod/pod.ts'

export interface PodEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/**
 * Tells something of a Pod, as `kubectl describe` shows it. Everybody in the namespace may read it.
 * @param count how many times it has happened @param now milliseconds
 * @throws ApiError
 */
export async function postEvent(
  credentials: Credentials,
  node: string,
  pod: PodIdentity,
  { type, reason, message, count = 1 }: PodEvent & { readonly count?: number },
  now: number,
): Promise<void> {
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`
  await askApi(credentials, 'POST', `/api/v1/namespaces/${pod.namespace}/events`, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${pod.name.slice(0, 200)}.`, namespace: pod.namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid },
    ...{ type, reason, message: noteText(message) },
    source: { component: 'keel-vkubelet', host: node },
    ...{ firstTimestamp: time, lastTimestamp: time, count },
  })
}
