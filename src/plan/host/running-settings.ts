import type { Settings } from '../../probes/distribution/k3s-run.ts'
import type { Facts } from '../../probes/facts.ts'

/**
 * What k3s was started with, by its own note on the Node; else what its files say, unless an earlier deploy has changed
 * them and not seen k3s healthy. Undefined where neither is known. Pure.
 */
export function runningSettings({ status, run, unit, generation }: Facts): Settings | undefined {
  if (status?.startedWith !== undefined && unit.active === 'active') return status.startedWith
  const isUnproven = generation.unconfirmed || generation.restartPending
  return isUnproven || Object.keys(run.configured).length === 0 ? undefined : run.configured
}
