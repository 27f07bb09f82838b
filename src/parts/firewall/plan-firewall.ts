import type { PartOperation } from '../part-operation.ts'
import type { FirewallState } from './firewall-state.ts'
import type { PlacedFirewall } from './place-firewall.ts'

/** Loads the rules again if the kernel has other ones, no matter who changed them. */
export function planFirewall(
  { unit, rules }: PlacedFirewall,
  seen: FirewallState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  const table = seen?.table ?? 'none'
  const why = isNew(rules)
    ? table === 'none'
      ? 'new'
      : 'changed'
    : ({ loaded: undefined, differs: 'differs', none: 'gone' } as const)[table]
  return [
    ...(seen?.unit.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit } as const]),
    ...(why === undefined ? [] : [{ op: 'load-firewall', unit, why } as const]),
  ]
}
