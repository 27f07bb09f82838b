import type { Place } from '../checks/check.ts'
import { checkDuplicates } from '../checks/duplicates.ts'
import { checkIgnition } from '../checks/ignition-checks.ts'
import { checkUnusedKeys } from '../checks/unused-keys.ts'
import { config } from '../schema/config.ts'
import { normalizeVersion, versions } from '../versions.ts'
import { decodeIgnition } from './decode-ignition.ts'
import { readJson } from './read-json.ts'

/**
 * Checks an Ignition config that is inline in a Butane config, to be merged with it or to replace it. As in butane, a
 * message has its path within the inline config, while its line and column are those of the outer file.
 */
export function checkInline(inline: string, { path, report, version }: Place): void {
  const root = readJson(inline)
  const value = root === undefined ? undefined : decodeIgnition(root, version)
  if (value === undefined) {
    report.error([], root === undefined ? 'invalid JSON' : 'a value of a wrong type')
    report.error([...path, 'inline'], 'config is not valid')
    return
  }
  const declared = normalizeVersion(value.ignition.version)
  if (declared !== undefined && declared !== versions[version].ignition) {
    report.warn(
      [...path, 'version'],
      'skipping validation for the merge/replace ignition config due to an unkown version',
    )
    return
  }
  checkIgnition(value, version, report)
  checkDuplicates(config, value, { path: [], report, version })
  checkUnusedKeys(config, value, root, { side: 'ignition', version, report })
}
