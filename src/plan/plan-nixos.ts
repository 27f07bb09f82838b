import type { NixosSystem } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import type { PlacedNixos, Rendered } from '../targets/rendered.ts'
import { lineDiff } from './line-diff.ts'
import type { Operation } from './operation.ts'
import { runVip } from './plan-vip.ts'
import { outdatedProcess, outdatedText } from './running-version.ts'

/** What has to happen on a NixOS host: its system is built and switched as a whole, or nothing is. Pure. */
export function planNixos(
  { nixos: { module, secrets, system }, unit, vip }: Pick<Rendered, 'unit' | 'vip'> & { readonly nixos: PlacedNixos },
  facts: Facts,
  sources: string | undefined,
): readonly Operation[] {
  const { nixos, unit: state, vip: seen } = facts
  const record = nixos?.record
  const why = whySwitch(nixos, sources, system)
  if (why !== undefined) {
    const diff = lineDiff(withoutHeader(record?.module ?? ''), withoutHeader(module))
    return [{ op: 'switch-system', why, secrets, diff: record === undefined ? [] : diff }]
  }
  const runs = state.active === 'active' || state.active === 'activating'
  const outdated = runs ? outdatedProcess(facts) : undefined
  return [
    ...(runs ? [] : [{ op: 'start-unit', unit } as const]),
    ...(outdated === undefined
      ? []
      : [{ op: 'restart-unit', unit, when: 'always', why: outdatedText(outdated, facts) } as const]),
    ...(vip === undefined ? [] : runVip(vip, seen)),
  ]
}

function whySwitch(nixos: Facts['nixos'], sources: string | undefined, { source, build }: NixosSystem): string | undefined {
  if (nixos?.record === undefined) return 'keel has not switched it yet'
  const { record, current, boot, channels } = nixos
  if (record.sources !== sources) return 'its sources changed'
  // a flake names its nixpkgs itself; what a configuration finds as <nixpkgs> is no part of the sources
  const byChannels = source.kind === 'configuration' && build.on === 'target' && record.channels !== undefined
  if (byChannels && record.channels !== channels) return 'its channels are others than it was built from'
  if (current !== record.system) return 'it runs another system than keel switched it to'
  return boot === record.system ? undefined : 'its next boot would take another system'
}

/** The first line holds a digest of the others. */
function withoutHeader(module: string): string {
  return module.slice(module.indexOf('\n') + 1)
}
