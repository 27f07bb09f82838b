import { disk, partition } from '../../schema/config.ts'
import type { IgnitionOf } from '../../schema/kinds.ts'
import { byteLength } from '../../text.ts'
import { below, type Check, ignitionCheck, type Place } from '../check.ts'
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
      report.error(path, 'a partition that is to be removed takes no label, GUID, start or size')
    }
    if (value.number === 0n && value.label === undefined) {
      report.error(path, 'give the partition a `label`, or a `number` from 1 on')
    }
    checkLabel(value.label, below(place, 'label'))
    checkGuid(value.guid, below(place, 'guid'))
    checkGuid(value.typeGuid, below(place, 'typeGuid'))
  }),
]

function describes({ label, guid, typeGuid, startMiB, sizeMiB }: Partition): boolean {
  return label !== undefined || Boolean(typeGuid) || Boolean(guid) || startMiB !== undefined || sizeMiB !== undefined
}

// GPT has 36 UTF-16 units for a label, and sgdisk ends the label at a colon
function checkLabel(label: string | undefined, { path, report }: Place): void {
  if (label === undefined) return
  if (byteLength(label) > 36)
    report.error(path, 'a label in a partition table has room for 36 bytes; this one is longer')
  else if (label.includes(':')) report.error(path, 'no colon in a partition label: what follows it would be lost')
}

function checkGuid(guid: string | undefined, { path, report }: Place): void {
  if (guid !== undefined && !/^(|[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})$/.test(guid)) {
    report.error(path, 'not a GUID: 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12 with dashes between')
  }
}

/** Reports each kind of clash once for a disk, at the first partition with it. */
function checkPartitions(partitions: readonly Partition[], place: Place): void {
  const clash = (index: number, text: string) => {
    if (index >= 0) place.report.error(below(place, index).path, text)
  }
  clash(
    firstRepeated(partitions.map(({ number }) => (number === 0n ? undefined : number))),
    'an earlier partition of this disk has the same number',
  )
  clash(firstOverlapped(partitions), 'this partition shares space with another one of the disk')
  if (partitions.some(({ number }) => number === 0n) && partitions.some(({ shouldExist }) => shouldExist === false)) {
    place.report.error(place.path, 'while one partition is to be removed, every partition of the disk needs a number')
  }
  clash(firstRepeated(partitions.map(({ label }) => label)), 'an earlier partition of this disk has the same label')
}

function firstRepeated(keys: readonly unknown[]): number {
  return keys.findIndex((key, index) => key !== undefined && keys.indexOf(key) < index)
}

/**
 * The first partition that overlaps another one. sgdisk places partitions whose start is 0, so their place is unknown.
 */
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
  // a partition of size 0 fills the free space, so only its start is known
  return { start: startMiB, end: sizeMiB === 0n ? startMiB : BigInt.asIntN(64, startMiB + sizeMiB - 1n) }
}

function overlap(one: Range, other: Range): boolean {
  const within = (place: bigint) => place >= other.start && place <= other.end
  return within(one.start) || within(one.end) || (one.start < other.start && one.end > other.end)
}
