import { sliceName } from '../names/slice-name.ts'
import type { PodIdentity } from '../pod/pod.ts'
import type { ShownUnit } from '../state/shown-units.ts'
import { readMetadata } from '../units/metadata.ts'
import { SLICE_OF_ALL } from '../units/slice-of-all.ts'
import { uidOfSlice } from '../units/slice-unit.ts'
import type { Operation } from './operation.ts'
import type { SeenUnit, World } from './world.ts'

type Named = readonly [unit: string, seen: SeenUnit]

/**
 * What to do about units and folders that belong to no Pod of this Node: the Pod is gone, or it is an earlier one of the
 * same name, or somebody has changed what the unit says of itself. First they stop, by systemd and with their own
 * grace; what has stopped is removed.
 */
export function removeLeftovers({ pods, units, folders }: World): readonly Operation[] {
  const uids = new Set(
    pods.flatMap((one) => (one.kind === 'pod' ? one.pod.uid : one.kind === 'refused' ? one.identity.uid : [])),
  )
  const services = [...units].filter(([unit]) => unit.endsWith('.service'))
  const told = services.flatMap(([unit, { text = '' }]) => readMetadata(unit, text) ?? [])
  const inUse = new Set(told.map(({ uid }) => uid))
  const slicesInUse = new Set(told.map((one) => sliceName(one)))
  const strangers = services.filter(([unit, { text = '' }]) => !uids.has(readMetadata(unit, text)?.uid ?? ''))
  // stopping a slice stops all that is in it, so it goes last; one without a file is made by systemd, and goes by itself
  const slices = [...units].filter(
    ([unit, { text }]) =>
      unit.endsWith('.slice') &&
      unit !== SLICE_OF_ALL &&
      text !== undefined &&
      !slicesInUse.has(unit) &&
      !uids.has(uidOfSlice(text) ?? ''),
  )
  const left: readonly Named[] = [...strangers, ...slices]
  const toStop = left.filter(([, { shown }]) => shown !== undefined && shown.active !== 'inactive')
  const toRemove = left.filter(([, { shown, text }]) => text !== undefined && !isUp(shown))
  const gone = [...folders].filter((uid) => !uids.has(uid) && !inUse.has(uid))
  return [
    ...(toStop.length > 0 ? [{ kind: 'stop', units: toStop.map(([unit]) => unit) } as const] : []),
    ...toRemove.map(([unit]) => ({ kind: 'remove-unit', unit }) as const),
    ...(toRemove.length > 0 ? [{ kind: 'reload' } as const] : []),
    ...gone.map((uid) => ({ kind: 'remove-folder', uid }) as const),
  ]
}

/** Whether one of a Pod's names is taken by a unit that is not its own: then the Pod waits until that is gone. */
export function isOccupied(
  { units }: World,
  { uid }: PodIdentity,
  services: readonly string[],
  slice: string,
): boolean {
  const sliceText = units.get(slice)?.text
  if (sliceText !== undefined && uidOfSlice(sliceText) !== uid) return true
  return services.some((unit) => {
    const { text, shown } = units.get(unit) ?? {}
    return (text !== undefined || isUp(shown)) && readMetadata(unit, text ?? '')?.uid !== uid
  })
}

/** Also one that has ended well: systemd keeps it active until it is stopped. */
function isUp(shown: ShownUnit | undefined): boolean {
  return shown !== undefined && shown.active !== 'inactive' && shown.active !== 'failed'
}
