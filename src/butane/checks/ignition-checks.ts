import type { Report } from '../report.ts'
import { config, type IgnitionConfig } from '../schema/config.ts'
import type { Version } from '../versions.ts'
import { type Check, runChecks } from './check.ts'
import { versionChecks } from './ignition-version.ts'
import { resourceChecks } from './resources.ts'
import { diskChecks } from './storage/disks.ts'
import { filesystemChecks } from './storage/filesystems.ts'
import { luksChecks } from './storage/luks.ts'
import { nodeChecks } from './storage/nodes.ts'
import { raidChecks } from './storage/raid.ts'
import { storageChecks } from './storage/storage.ts'
import { unitChecks } from './units.ts'

const checks: readonly Check[] = [
  ...versionChecks,
  ...unitChecks,
  ...resourceChecks,
  ...storageChecks,
  ...nodeChecks,
  ...diskChecks,
  ...filesystemChecks,
  ...luksChecks,
  ...raidChecks,
]

/**
 * The checks that Ignition itself runs on a config (config/v3_3 and v3_4 of ignition 2.25). Paths have Ignition's
 * spelling.
 */
export function checkIgnition(value: IgnitionConfig, version: Version, report: Report): void {
  runChecks(checks, config, value, 'ignition', { path: [], report, version })
}
