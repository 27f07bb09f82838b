import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { PodIdentity } from '../pod/pod.ts'

function pathOf({ namespace, name }: PodIdentity): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`
}

/**
 * A Pod that is not there any more, or is another one of that name by now: the answer to its name and an other UID is
 * 409 or 422, and a Pod that was on this Node answers 403 once it is gone (the Node authorizer).
 */
const GONE = [403, 404, 409, 422]

/** @param patch of `statusPatch` @throws ApiError; none for a Pod that is gone */
export async function reportPod(credentials: Credentials, pod: PodIdentity, patch: object): Promise<void> {
  await unlessGone(askApi(credentials, 'PATCH', `${pathOf(pod)}/status`, patch))
}

/** Deletes the object of a Pod that has ended, and of no other one. @throws ApiError; none for a Pod that is gone */
export async function deletePod(credentials: Credentials, pod: PodIdentity): Promise<void> {
  const options = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
    preconditions: { uid: pod.uid },
  }
  await unlessGone(askApi(credentials, 'DELETE', pathOf(pod), options))
}

async function unlessGone(asked: Promise<unknown>): Promise<void> {
  try {
    await asked
  } catch (error) {
    if (!(error instanceof ApiError) || !GONE.includes(error.status ?? 0)) throw error
  }
}
