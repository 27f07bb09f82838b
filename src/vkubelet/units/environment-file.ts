import { PODS_IN_MEMORY } from './pod-folders.ts'
import { environmentLine } from './quote.ts'

/** @param uid of the Pod: letters, digits and dashes */
export function environmentPath(uid: string, container: string): string {
  return `${PODS_IN_MEMORY}/${uid}/${container}.env`
}

/** The text of a container's environment file, which is for root alone (0600): it has the values of secrets. */
export function environmentFile(variables: ReadonlyMap<string, string>): string {
  return [...variables].map(([name, value]) => environmentLine(name, value)).join('')
}
