import { isNew } from '../../probes/distribution/is-new.ts'
import type { Facts, FilesFacts } from '../../probes/facts.ts'
import type { FilesRendered } from '../../targets/rendered.ts'
import type { Operation, OperationOf } from '../operation.ts'
import { runningVersion } from './running-version.ts'

/**
 * What becomes of a host whose node is not at the version of the inventory. `running`: its unit upgrades it at this
 * moment, because an earlier deploy was cut off after it had ordered that.
 */
export type Upgrade =
  | { readonly kind: 'none' | 'running' }
  | { readonly kind: 'due'; readonly operation: OperationOf<'upgrade-node'> }

/**
 * Only where a unit of keel's upgrades nodes (`permit`); elsewhere a new program is started, and that is all. Pure.
 * @param changes what happens on the host before its services start
 */
export function upgradeOf({ permit, role }: FilesRendered, facts: FilesFacts, changes: readonly Operation[]): Upgrade {
  if (permit === undefined || isNew({ role }, facts)) return { kind: 'none' }
  const { unit, version: to } = permit
  const from = versionsOf(facts).find((version) => version !== to)
  if (from === undefined) return { kind: 'none' }
  const runs = facts.services.some((service) => service.unit === unit && service.active === 'activating')
  // with another image the programs that it started are others than those on the disk
  if (runs && !changes.some(({ op }) => op === 'merge-extensions')) return { kind: 'running' }
  return { kind: 'due', operation: { op: 'upgrade-node', unit, from, to } }
}

/**
 * The version that the node has come to, and that of its control plane in Pods. The first is noted at the end of a join
 * or an upgrade; without the note the version of the kubelet counts.
 */
export function versionsOf(facts: Pick<Facts, 'past' | 'run' | 'status' | 'services'>): readonly string[] {
  const { reached, controlPlane } = facts.past
  return [reached ?? runningVersion(facts), controlPlane].flatMap((version) => version ?? [])
}
