import { disk, partition } from '../schema/config.ts'
import type { IgnitionOf } from '../schema/kinds.ts'
import { byteLength } from '../text.ts'
import { below, type Check, ignitionCheck, type Place } from './check.ts'
import { checkPath } from './paths.ts'

type Partition = IgnitionOf<typeof partition>

export const diskChecks: readonly Check[] = [
  ignitionCheck(disk, ({ device, partitions }, place) => {
    if (device === '') {
      place.report.error(below(place, 'device').path, 'disk device is required')
      return
    }
    checkPath(device, below(place, 'device'))
    checkPartitions(partitions, below(place, 'partitions'))
  }),
  ignitionCheck(partition, (value, place) => {
    const { path, report } = place
    if (value.shouldExist === false && describes(value)) {
      report.error(path, 'shouldExist specified false with other options also specified')
    }
    if (value.number === 0n && value.label === undefined) {
      report.error(path, 'a partition number >= 1 or a label must be specified')
    }
    checkLabel(value.label, below(place, 'label'))
    checkGuid(value.guid, below(place, 'guid'))
    checkGuid(value.typeGuid, below(place, 'typeGuid'))
  }),
]

function describes({ label, guid, typeGuid, startMiB, sizeMiB }: Partition): boolean {
  return label !== undefined || Boolean(typeGuid) || Boolean(guid) || startMiB !== undefined || sizeMiB !== undefined
}

// GPT has 36 UTF-16 units for it, and sgdisk takes a colon for the end of it
function checkLabel(label: string | undefined, { path, report }: Place): void {
  if (label === undefined) return
  if (byteLength(label) > 36) report.error(path, 'partition labels may not exceed 36 characters')
  else if (label.includes(':')) report.error(path, 'partition label will be truncated to text before the colon')
}

function checkGuid(guid: string | undefined, { path, report }: Place): void {
  if (guid !== undefined && !/^(|[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})$/.test(guid)) {
    report.error(path, 'doesn\'t match the form "01234567-89AB-CDEF-EDCB-A98765432101"')
  }
}

/** Each kind of clash is told once a disk, at the first partition that shows it. */
function checkPartitions(partitions: readonly Partition[], place: Place): void {
  const clash = (index: number, text: string) => {
    if (index >= 0) place.report.error(below(place, index).path, text)
  }
  clash(firstRepeated(partitions.map(({ number }) => (number === 0n ? undefined : number))), 'partition numbers collide')
  clash(firstOverlapped(partitions), 'partitions overlap')
  if (partitions.some(({ number }) => number === 0n) && partitions.some(({ shouldExist }) => shouldExist === false)) {
    place.report.error(place.path, 'shouldExist is false for a partition and other partition(s) has start or size 0')
  }
  clash(firstRepeated(partitions.map(({ label }) => label)), 'cannot use the same partition label twice')
}

function firstRepeated(keys: readonly unknown[]): number {
  return keys.findIndex((key, index) => key !== undefined && keys.indexOf(key) < index)
}

/** The first partition that another one reaches into. Starts of 0 are placed by sgdisk, so nothing is known of them. */
function firstOverlapped(partitions: readonly Partition[]): number {
  const ranges = partitions.map(rangeOf)
  for (const range of ranges) {
    if (range === undefined) continue
    const index = ranges.findIndex((other) => other !== undefined && other !== range && overlap(range, other))
    if (index >= 0) return index
  }
  return -1
}

interface Range {
  readonly start: bigint
  readonly end: bigint
}

function rangeOf({ startMiB, sizeMiB }: Partition): Range | undefined {
  if (startMiB === undefined || sizeMiB === undefined || startMiB === 0n) return undefined
  // a size of 0 fills what is free: only its start is known
  return { start: startMiB, end: sizeMiB === 0n ? startMiB : BigInt.asIntN(64, startMiB + sizeMiB - 1n) }
}

function overlap(one: Range, other: Range): boolean {
  const within = (place: bigint) => place >= other.start && place <= other.end
  return within(one.start) || within(one.end) || (one.start < other.start && one.end > other.end)
}
