import type { Pod } from '../pod/pod.ts'
import type { HostSettings } from './container-unit.ts'
import { SECTION, settingsOf } from './metadata.ts'
import { podResourceSettings } from './resource-settings.ts'
import type { Section } from './unit-text.ts'

/** The slice of a Pod, with all its containers in it. */
export function sliceUnit(pod: Pod, { mostTasks }: HostSettings): readonly Section[] {
  return [
    { name: 'Unit', settings: [['Description', `Pod ${pod.namespace}/${pod.name}`]] },
    { name: 'Slice', settings: podResourceSettings(pod, mostTasks) },
    { name: SECTION, settings: [['UID', pod.uid]] },
  ]
}

/** The UID of the Pod that a slice was written for. */
export function uidOfSlice(text: string): string | undefined {
  const { UID: uid = '' } = settingsOf(text)
  return /^[A-Za-z0-9-]{1,64}$/.test(uid) ? uid : undefined
}
