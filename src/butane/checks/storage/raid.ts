import { device, raid } from '../../schema/config.ts'
import { below, type Check, ignitionCheck } from '../check.ts'
import { checkPath } from './paths.ts'

// the names and digits of the levels in mdadm
const withSpares = new Set(['raid1', '1', 'mirror', 'raid4', '4', 'raid5', '5', 'raid6', '6', 'raid10', '10'])
const withoutSpares = new Set(['linear', 'raid0', '0', 'stripe'])

export const raidChecks: readonly Check[] = [
  ignitionCheck(raid, ({ level, spares, devices }, place) => {
    const problem = levelProblem(level, spares)
    if (problem !== undefined) place.report.error(below(place, 'level').path, problem)
    if (devices.length === 0) place.report.error(below(place, 'devices').path, 'raid devices required')
  }),
  ignitionCheck(device, checkPath),
]

function levelProblem(level: string | undefined, spares: bigint | undefined): string | undefined {
  if (!level) return 'raid level is required'
  if (withSpares.has(level)) return undefined
  if (!withoutSpares.has(level)) return 'unrecognized raid level'
  return spares !== undefined && spares !== 0n ? 'spares unsupported for linear and raid0 arrays' : undefined
}
