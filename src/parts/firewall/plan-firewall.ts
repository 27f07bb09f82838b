import { isNewContent } from '../../plan/host/new-content.ts'
import type { Operation } from '../../plan/operation.ts'
import type { PlacedFirewall } from '../../targets/rendered.ts'
import type { FirewallState } from './firewall-state.ts'

/** The rules are loaded anew where they are others than the kernel holds, whoever changed which. */
export function planFirewall(
  { unit, rules }: PlacedFirewall,
  seen: FirewallState | undefined,
  changes: readonly Operation[],
): readonly Operation[] {
  const why = isNewContent(changes, rules)
    ? 'changed'
    : ({ loaded: undefined, differs: 'differs', none: 'gone' } as const)[seen?.table ?? 'none']
  return [
    ...(seen?.unit.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit } as const]),
    ...(why === undefined ? [] : [{ op: 'load-firewall', unit, why } as const]),
  ]
}
