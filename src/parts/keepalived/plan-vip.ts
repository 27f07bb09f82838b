import type { PartOperation } from '../part-operation.ts'
import type { UnitState } from '../unit-state.ts'
import type { PlacedVip } from './place-vip.ts'
import type { VipState } from './vip-state.ts'

/** What moves the cluster's address, after k3s: its units enabled, and running with what is on the disk by then. */
export function planVip(
  placed: PlacedVip,
  seen: VipState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  const enable = (unit: string, state: UnitState | undefined): readonly PartOperation[] =>
    state?.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit }]
  return [...enable(placed.health, seen?.health), ...enable(placed.manager, seen?.manager), ...runVip(placed, seen, isNew)]
}

/**
 * keepalived takes a new configuration while it goes on; only its unit's own text needs a restart, which has the
 * address move. So does a new checker: nobody is fit before it has looked for a while.
 */
export function runVip(
  { program, configuration, manager, health }: PlacedVip,
  seen: VipState | undefined,
  isNew: (path: string) => boolean = () => false,
): readonly PartOperation[] {
  const unitFile = (unit: string) => isNew(`/etc/systemd/system/${unit}`)
  const runs = (state: UnitState | undefined) => state?.active === 'active'
  const managerBy = !runs(seen?.manager)
    ? 'start'
    : unitFile(manager)
      ? 'restart'
      : isNew(configuration) || isNew(program) || seen?.loaded !== true
        ? 'reload'
        : undefined
  const healthBy = !runs(seen?.health) ? 'start' : unitFile(health) || isNew(program) ? 'restart' : undefined
  const run = (unit: string, by: 'start' | 'reload' | 'restart' | undefined): readonly PartOperation[] =>
    by === undefined ? [] : [{ op: 'run-unit', unit, by }]
  return [...run(health, healthBy), ...run(manager, managerBy)]
}
