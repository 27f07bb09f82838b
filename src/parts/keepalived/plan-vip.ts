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
  return [
    ...enable(placed.health, seen?.health),
    ...enable(placed.manager, seen?.manager),
    ...runVip(placed, seen, isNew),
  ]
}

/**
 * keepalived reads a new configuration while it runs. Only a change of its unit needs a restart, and that moves the
 * address. A new checker also moves it, because it needs some seconds before it reports healthy.
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
