import type { PartNote } from '../part.ts'
import type { PlacedUpdates } from './place-updates.ts'
import type { UpdatesState } from './updates-state.ts'

/** An image that has come, and that no deploy has put to use. */
export function noteNewer({ name, version }: PlacedUpdates, { newest }: UpdatesState): readonly PartNote[] {
  if (newest === undefined || !isNewerPatch(newest, version)) return []
  return [
    {
      code: 'newer-image',
      found: `the host has downloaded ${name} ${newest}, and uses ${version}`,
      why: 'only a deploy puts another version to use, one host after the other',
      todo: `to use it, set version: '${newest}' in hosts/cluster, pin it (\`keel help sysext\`) and deploy`,
    },
  ]
}

/** Of the same minor, and no release candidate. */
function isNewerPatch(version: string, than: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(than)]
  if (one === undefined || other === undefined || one.minor !== other.minor) return false
  return one.patch > other.patch || (one.patch === other.patch && one.build > other.build)
}

/** `v1.36.3`, `v1.36.3+k3s1`. */
function numbersOf(version: string) {
  const [, minor, patch, build = 0] = /^v1\.(\d+)\.(\d+)(?:\+k3s(\d+))?$/.exec(version) ?? []
  return minor === undefined ? undefined : { minor: Number(minor), patch: Number(patch), build: Number(build) }
}
