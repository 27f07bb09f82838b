import { unitName } from '../names/unit-name.ts'
import type { ReadPod } from '../pod/read-pod.ts'
import type { World } from '../reconcile/world.ts'
import { readMetadata } from '../units/metadata.ts'
import type { SeenRun } from './health-keeper.ts'

/** The runs of all Pods at this moment: units that are the Pods' own, with a main process. */
export function runningNow(pods: readonly ReadPod[], units: World['units'], address: string): readonly SeenRun[] {
  return pods.flatMap((read) => {
    if (read.kind !== 'pod') return []
    const { pod } = read
    return pod.containers.flatMap((container): SeenRun[] => {
      const unit = unitName({ namespace: pod.namespace, pod: pod.name, container: container.name })
      const { text = '', shown } = units.get(unit) ?? {}
      const metadata = readMetadata(unit, text)
      const { active, end, invocation, pid, started = 0 } = shown ?? {}
      // its invocation is that of the run before, as long as this run has not begun
      const isOwn = metadata?.uid === pod.uid && metadata.after !== invocation
      if (!isOwn || active !== 'active' || end !== undefined || invocation === undefined || pid === undefined) return []
      return [{ pod, container, unit, pid, address, invocation, started }]
    })
  })
}
