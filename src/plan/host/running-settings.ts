import type { Settings } from '../../probes/distribution/k3s-settings.ts'
import type { Facts } from '../../probes/facts.ts'
import { nodeRuns } from './service-state.ts'

/**
 * What k3s was started with, from its own note on the Node; otherwise from its files, unless an earlier deploy has
 * changed them without a healthy k3s. Undefined where neither is known. Pure.
 */
export function runningSettings(facts: Facts): Settings | undefined {
  const { status, run, generation } = facts
  if (status?.startedWith !== undefined && nodeRuns(facts)) return status.startedWith
  const isUnproven = generation.unconfirmed || generation.restartPending
  return isUnproven || Object.keys(run.configured).length === 0 ? undefined : run.configured
}
