import type { Pod, PodIdentity } from '../pod/pod.ts'
import type { PodStatus } from '../state/pod-status.ts'

/**
 * One thing to do. Each can be done twice without harm, and a kill between two of them only costs another look. None
 * contains a value of a secret.
 */
export type Operation =
  /** SIGTERM goes to the main process, as in a container; SIGKILL to all. */
  | { readonly kind: 'signal'; readonly units: readonly string[]; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** Begins a hook, and does not wait for it. */
  | { readonly kind: 'pre-stop'; readonly pod: Pod; readonly container: string; readonly invocation: string }
  /** Without waiting for the end; also makes systemd forget that they failed. */
  | { readonly kind: 'stop'; readonly units: readonly string[] }
  /** The file of a unit that does not run. */
  | { readonly kind: 'remove-unit'; readonly unit: string }
  /** All folders of a Pod that has no unit any more, with its volumes. */
  | { readonly kind: 'remove-folder'; readonly uid: string }
  /** A number that a unit is about to have as its user gets an entry in /etc/passwd. */
  | { readonly kind: 'add-user'; readonly pod: PodIdentity; readonly user: number }
  /** Such an entry that no Pod needs any more. */
  | { readonly kind: 'remove-user'; readonly user: number }
  /** The values are looked up when it is done. */
  | { readonly kind: 'write-environment'; readonly pod: Pod; readonly container: string }
  /** So are its files. A program that reads them meanwhile sees all old or all new ones. */
  | { readonly kind: 'write-volume'; readonly pod: Pod; readonly volume: string }
  | { readonly kind: 'write-unit'; readonly unit: string; readonly text: string }
  /** What to do for this Pod could not be decided. */
  | { readonly kind: 'fail'; readonly pod: PodIdentity; readonly error: unknown }
  | { readonly kind: 'reload' }
  /** systemctl restart: it also starts what does not run. */
  | { readonly kind: 'run'; readonly units: readonly string[] }
  | { readonly kind: 'report'; readonly pod: PodIdentity; readonly status: PodStatus }
  /** All of it has ended and is reported: the object can go. */
  | { readonly kind: 'delete-pod'; readonly pod: PodIdentity }
