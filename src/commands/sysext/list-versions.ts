import type { NewestPatches } from '../../artifacts/newest-patches.ts'
import type { Pins } from '../../artifacts/pins.ts'
import { ARCHS } from '../../model/cluster.ts'
import { minorOf } from '../../model/k3s/k3s-version.ts'
import { supportedMinors, supportOf } from '../../model/kubernetes/support-window.ts'
import { type ImageKey, isVersionOf } from '../../model/systems/image-file-name.ts'
import { systemdArch } from '../../model/systems/systemd-arch.ts'
import type { ListedMinor, ListedVersion, ListedVersions } from './listed-versions.ts'

export interface Known {
  readonly name: ImageKey['name']
  /** `2026-11-29` */
  readonly today: string
  /** The minors that keel can deploy. */
  readonly deployable: readonly number[]
  /** The version of hosts/cluster, if the cluster is of this distribution. */
  readonly inventory: string | undefined
  readonly pins: Pins
}

/** The minors that a list is about: the supported ones, and those of the inventory and the lock file. Pure. */
export function minorsOf({ name, today, inventory, pins }: Known): readonly number[] {
  const known = [...(inventory === undefined ? [] : [inventory]), ...pinnedVersions(name, pins)]
  const minors = [...supportedMinors(today), ...known.flatMap((version) => minorOf(version) ?? [])]
  return [...new Set(minors)].toSorted((one, other) => other - one)
}

/** Pure. */
export function listVersions(known: Known, minors: readonly number[], newest: NewestPatches): ListedVersions {
  return {
    name: known.name,
    minors: minors.map((minor) => listedMinor(known, minor, newest.versions.get(minor))),
    ...(newest.unknown === undefined ? {} : { unknown: newest.unknown }),
  }
}

function listedMinor(known: Known, minor: number, newest: string | undefined): ListedMinor {
  const { name, today, deployable, inventory, pins } = known
  const support = supportOf(minor, today)
  const all = [newest, inventory, ...pinnedVersions(name, pins)].flatMap((version) => version ?? [])
  const versions = [...new Set(all)].filter((version) => minorOf(version) === minor)
  return {
    minor: `1.${minor}`,
    support: support.kind,
    ...(support.kind === 'unknown' || support.ends === undefined ? {} : { ends: support.ends }),
    deployable: deployable.includes(minor),
    versions: versions
      .toSorted((one, other) => -one.localeCompare(other, 'en', { numeric: true }))
      .map((version) => ({
        version,
        newest: version === newest,
        inventory: version === inventory,
        pinned: pinnedFor(name, version, pins),
      })),
  }
}

/** Those of the lock file that have the form of a version: it comes from git. */
function pinnedVersions(name: ImageKey['name'], { artifacts, images }: Pins): readonly string[] {
  const versions = name === 'k3s' ? artifacts.k3s : images?.kubernetes
  return Object.keys(versions ?? {}).filter((version) => isVersionOf(name, version))
}

function pinnedFor(name: ImageKey['name'], version: string, { artifacts, images }: Pins): ListedVersion['pinned'] {
  const has = ARCHS.filter((arch) =>
    name === 'k3s'
      ? artifacts.k3s?.[version]?.[arch]?.sysext !== undefined
      : images?.kubernetes?.[version]?.[arch] !== undefined,
  )
  return has.map((arch) => systemdArch[arch])
}

/** The list for people. */
export function linesOf({ minors }: ListedVersions): readonly string[] {
  return minors.flatMap((minor) => [
    `${minor.minor}  ${supportText(minor)}${minor.deployable ? '' : '; this keel cannot deploy it'}`,
    ...minor.versions.map(
      (one) => `  ${[one.version, marksOf(one).join(', ')].filter((text) => text !== '').join('  ')}`,
    ),
  ])
}

function supportText({ support, ends }: ListedMinor): string {
  if (support === 'supported') return `supported until ${ends}`
  if (support === 'ended') return ends === undefined ? 'no longer supported' : `no longer supported since ${ends}`
  return 'newer than this keel'
}

function marksOf({ newest, inventory, pinned }: ListedVersion): readonly string[] {
  return [
    ...(newest ? ['newest patch'] : []),
    ...(inventory ? ['version in hosts/cluster'] : []),
    ...(pinned.length === 0 ? [] : [`image pinned for ${pinned.join(' and ')}`]),
  ]
}
