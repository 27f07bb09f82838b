import { ignition } from '../schema/config.ts'
import { normalizeVersion, versions } from '../versions.ts'
import { below, type Check, ignitionCheck } from './check.ts'

/** The version that keel writes is always right. An inline config may contain any version. */
export const versionChecks: readonly Check[] = [
  ignitionCheck(ignition, ({ version }, place) => {
    const declared = normalizeVersion(version)
    const { path } = below(place, 'version')
    if (declared === undefined)
      place.report.error(path, 'not a version: three numbers with dots between, such as 3.4.0')
    else if (declared !== versions[place.version].ignition)
      place.report.error(path, `another version of Ignition than ${versions[place.version].ignition}`)
  }),
]
