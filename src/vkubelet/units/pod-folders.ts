import type { Volume } from '../pod/volume.ts'

/** On a file system in memory, and in a folder that only root can enter. */
export const PODS_IN_MEMORY = '/run/keel-vkubelet/pods'
/** The same for what is too large for that, or outlives a boot: the volumes `emptyDir`. */
const PODS_ON_DISK = '/var/lib/keel-vkubelet/pods'

/** The folder of a volume on the host, or its path there. @param uid of the Pod: letters, digits and dashes */
export function volumePath(uid: string, volume: Volume): string {
  if (volume.kind === 'host') return volume.path
  const isOnDisk = volume.kind === 'empty' && volume.medium === 'disk'
  return `${isOnDisk ? PODS_ON_DISK : PODS_IN_MEMORY}/${uid}/volumes/${volume.name}`
}
