import type { NixosSystem } from '../../model/cluster.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { eachPart } from '../../parts/by-part.ts'
import type { SystemFacts } from '../../probes/facts.ts'
import type { SystemRendered } from '../../targets/rendered.ts'
import type { Operation } from '../operation.ts'
import { lineDiff } from './line-diff.ts'
import { outdatedProcess, outdatedText } from './running-version.ts'
import { isUp, stateOf } from './service-state.ts'

/** What has to happen on a NixOS host: its system is built and switched as a whole, or nothing is. Pure. */
export function planSystem(
  { module, secrets, system, services, parts }: SystemRendered,
  facts: SystemFacts,
  tree: string,
): readonly Operation[] {
  const { nixos } = facts
  const { record } = nixos
  const certificates = eachPart(parts, (part, placed) => part.certify?.(placed, facts.parts[part.name]))
  const why = whySwitch(nixos, tree, system)
  if (why !== undefined) {
    const diff = lineDiff(withoutHeader(record?.module ?? ''), withoutHeader(module))
    return [...certificates, { op: 'switch-system', why, secrets, diff: record === undefined ? [] : diff }]
  }
  return [
    ...certificates,
    ...services.flatMap((service): readonly Operation[] => {
      const { unit } = service
      if (!isUp(stateOf(service, facts))) return [{ op: 'start-unit', unit }]
      const outdated = service === ofNode(services) ? outdatedProcess(facts) : undefined
      return outdated === undefined
        ? []
        : [{ op: 'restart-unit', unit, when: 'always', why: outdatedText(outdated, facts) }]
    }),
    ...eachPart(parts, (part, placed) => part.planInSystem?.(placed, facts.parts[part.name])),
  ]
}

function whySwitch(
  { record, current, boot, channels }: SystemFacts['nixos'],
  tree: string,
  { source, build }: NixosSystem,
): string | undefined {
  if (record === undefined) return 'keel has not switched it yet'
  if (record.sources !== tree) return 'its sources changed'
  // a flake names its nixpkgs itself; what a configuration finds as <nixpkgs> is no part of the sources
  const byChannels = source.kind === 'configuration' && build.on === 'target' && record.channels !== undefined
  if (byChannels && record.channels !== channels) return 'its channels have changed since it was built'
  if (current !== record.system) return 'it runs another system than the one that keel activated'
  return boot === record.system ? undefined : 'it would boot another system'
}

/** The first line holds a digest of the others. */
function withoutHeader(module: string): string {
  return module.slice(module.indexOf('\n') + 1)
}
