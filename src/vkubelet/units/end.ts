/** How one run of a container ended. Times in milliseconds; absent where nobody knows. */
export interface End {
  readonly exitCode: number
  readonly reason: EndReason
  readonly started?: number
  readonly finished?: number
}

export type EndReason = 'Completed' | 'Error' | 'OOMKilled' | 'StartError' | 'ContainerStatusUnknown'

/** A run that systemd knows nothing of any more: after a reboot, or after `systemctl stop` by hand. */
export const LOST: End = { exitCode: 137, reason: 'ContainerStatusUnknown' }

export const END_REASONS: readonly EndReason[] = [
  'Completed',
  'Error',
  'OOMKilled',
  'StartError',
  'ContainerStatusUnknown',
]
