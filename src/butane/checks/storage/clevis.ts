import type { Report } from '../../report.ts'
import { clevis, config, type IgnitionConfig } from '../../schema/config.ts'
import type { IgnitionOf } from '../../schema/kinds.ts'
import type { Version } from '../../versions.ts'
import { type Check, ignitionCheck, runChecks } from '../check.ts'

const checks: readonly Check[] = [
  ignitionCheck(clevis, (value, { path, report }) => {
    if (isSaid(value)) report.error(path, 'clevis is not supported in this spec version')
  }),
]

/** Flatcar has no clevis, so any setting of it is refused, even `tpm2: false`. */
export function refuseClevis(value: IgnitionConfig, version: Version, report: Report): void {
  runChecks(checks, config, value, 'ignition', { path: [], report, version })
}

function isSaid({ custom, tang, threshold, tpm2 }: IgnitionOf<typeof clevis>): boolean {
  return tang.length > 0 || [threshold, tpm2, ...Object.values(custom)].some((value) => value !== undefined)
}
