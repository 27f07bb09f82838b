import type { Pod } from '../pod/pod.ts'
import type { Operation } from './operation.ts'
import { volumeKey, type World } from './world.ts'

/** The volumes of a Pod whose content on the host is not what it has to be. */
export function volumesToWrite({ volumes: { wanted, seen } }: World, pod: Pod): readonly Operation[] {
  return pod.volumes.flatMap(({ name }): Operation[] => {
    const key = volumeKey(pod, name)
    const digest = wanted.get(key)
    return digest === undefined || seen.get(key) === digest ? [] : [{ kind: 'write-volume', pod, volume: name }]
  })
}
