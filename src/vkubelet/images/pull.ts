import type { PackageImage } from './image-name.ts'

/** Kubernetes' imagePullPolicy. */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never'

/** What to do for an image before its container starts. */
export type Need = 'nothing' | 'install' | 'missing'

/**
 * `Always` looks for a newer version once for each container of a Pod, not for each of its restarts.
 * @param installed the version; undefined: it is not installed
 * @param isLooked it was looked for already, for this container of this Pod
 */
export function needOf(
  { version }: Pick<PackageImage, 'version'>,
  policy: PullPolicy,
  installed: string | undefined,
  isLooked: boolean,
): Need {
  const isThere = installed !== undefined && (version === undefined || version === installed)
  if (policy === 'Never') return isThere ? 'nothing' : 'missing'
  if (policy === 'IfNotPresent') return isThere ? 'nothing' : 'install'
  return isThere && (isLooked || version !== undefined) ? 'nothing' : 'install'
}

/** An installation that has failed. */
export interface FailedPull {
  readonly failures: number
  readonly message: string
  /** Milliseconds. */
  readonly at: number
  /** Milliseconds: the next one may begin. */
  readonly next: number
}

const FIRST_PAUSE = 10_000
const LONGEST_PAUSE = 300_000

/** As kubelet does: 10 seconds, then twice as long each time, five minutes at most. @param now milliseconds */
export function failedPull(before: FailedPull | undefined, message: string, now: number): FailedPull {
  const failures = (before?.failures ?? 0) + 1
  return { failures, message, at: now, next: now + Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) }
}

export interface WaitingImage {
  readonly kind: 'waiting'
  readonly reason: 'ContainerCreating' | 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName'
  readonly message: string
}

/** Milliseconds for which the error itself is shown. */
const FRESH = 4_000

/** What a container that waits for its image says. Kubelet shows the error first, and then that it waits. */
export function waitingFor(image: string, { message, at }: FailedPull, now: number): WaitingImage {
  return now - at < FRESH
    ? { kind: 'waiting', reason: 'ErrImagePull', message }
    : { kind: 'waiting', reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ${message}` }
}
