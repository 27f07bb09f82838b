import type { Fault } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import type { Rendered } from '../targets/rendered.ts'
import type { HostNote } from './plan.ts'
import { foreignFileNotes, foreignFileRefusals } from './refusals/foreign-files.ts'
import { foreignSettingNotes, foreignSettingRefusals } from './refusals/foreign-settings.ts'
import { foreignUnitNotes, foreignUnitRefusals } from './refusals/foreign-units.ts'

interface Asked {
  readonly host: Host
  readonly rendered: Rendered
  readonly facts: Facts
}

/** What is on a host beside keel and would break the cluster, or decide what the inventory decides. Pure. */
export function foreignRefusals(cluster: Cluster, asked: Asked): readonly Fault[] {
  return [...foreignUnitRefusals(asked), ...foreignSettingRefusals(asked), ...foreignFileRefusals(cluster, asked)]
}

/** What is on a host beside keel and changes what k3s does. keel leaves it alone: somebody may have put it there with a reason. Pure. */
export function foreignNotes(cluster: Cluster, asked: Asked): readonly HostNote[] {
  return [...foreignUnitNotes(asked), ...foreignSettingNotes(asked), ...foreignFileNotes(cluster, asked)]
}
