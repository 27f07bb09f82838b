import { filesystem } from '../../schema/config.ts'
import type { IgnitionOf } from '../../schema/kinds.ts'
import { byteLength } from '../../text.ts'
import { below, butaneCheck, type Check, ignitionCheck } from '../check.ts'
import { checkOptionalPath, checkPath } from './paths.ts'

type Filesystem = IgnitionOf<typeof filesystem>

/**
 * The formats that Ignition can create, each with the bytes that mkfs accepts for a label (mkswap would cut a longer
 * one).
 */
const longestLabel: Readonly<Record<string, number>> = {
  ext4: 16,
  btrfs: 256,
  xfs: 12,
  vfat: 11,
  swap: 15,
  none: Number.POSITIVE_INFINITY,
}

export const filesystemChecks: readonly Check[] = [
  ignitionCheck(filesystem, (value, place) => {
    checkOptionalPath(value.path, place, 'path')
    checkPath(value.device, below(place, 'device'))
    const format = formatProblem(value)
    if (format !== undefined) place.report.error(below(place, 'format').path, format)
    const label = labelProblem(value)
    if (label !== undefined) place.report.error(below(place, 'label').path, label)
  }),
]

/** What a mount unit needs. */
export const mountUnitChecks: readonly Check[] = [
  butaneCheck(filesystem, ({ withMountUnit, format, path }, place) => {
    if (withMountUnit !== true) return
    if (!format) place.report.error(below(place, 'format').path, 'a mount unit needs to know the `format`')
    else if (format !== 'swap' && !path) {
      place.report.error(below(place, 'path').path, 'a mount unit needs a `path` to mount at (only swap has none)')
    }
  }),
]

function formatProblem(value: Filesystem): string | undefined {
  const { format, path, label, uuid, wipeFilesystem, mountOptions, options } = value
  if (format) return Object.hasOwn(longestLabel, format) ? undefined : 'invalid filesystem format'
  const needed = path || label || uuid || wipeFilesystem === true || mountOptions.length > 0 || options.length > 0
  return needed
    ? 'format cannot be empty when path, label, uuid, wipeFilesystem, options, or mountOptions is specified'
    : undefined
}

function labelProblem({ format, label }: Filesystem): string | undefined {
  if (!label) return undefined
  if (!format) return 'a label needs a `format` that it is written for'
  const longest = Object.hasOwn(longestLabel, format) ? longestLabel[format] : undefined
  return longest !== undefined && byteLength(label) > longest
    ? `filesystem labels cannot be longer than ${longest} characters when using ${format}`
    : undefined
}
