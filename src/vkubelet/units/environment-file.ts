import { environmentLine } from './quote.ts'

/** On a file system in memory, and in a folder that only root can enter. */
const PODS = '/run/keel-vkubelet/pods'

/** @param uid of the Pod: letters, digits and dashes */
export function environmentPath(uid: string, container: string): string {
  return `${PODS}/${uid}/${container}.env`
}

/** The text of a container's environment file, which is for root alone (0600): it has the values of secrets. */
export function environmentFile(variables: ReadonlyMap<string, string>): string {
  return [...variables].map(([name, value]) => environmentLine(name, value)).join('')
}
