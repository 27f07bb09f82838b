import type { Host } from '../../../model/cluster.ts'
import { k3sPaths } from '../../../model/k3s/paths.ts'
import type { UnitName } from '../../../model/systems/unit-name.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { generatedYaml } from '../../generated-yaml.ts'
import type { Join, WantedFile } from '../../host-state.ts'
import { joinOf, otherWaysIn } from './join.ts'
import { k3sUnitName } from './unit-name.ts'

/** Beside config.yaml, so that it can differ from host to host and from time to time while all else stays as it is. */
export const joinPath = `${k3sPaths.configParts}/10-keel-join.yaml`

/** As `joinFile`, for the server that a host joins through now; undefined: it founds the cluster. */
export function joinFileThrough(
  state: Pick<ClusterState, 'cluster' | 'servers'>,
  host: Host,
  through: Host | undefined,
  vipStands: boolean,
): readonly WantedFile[] {
  const join = joinOf(state.cluster, host, through, vipStands)
  return joinFile(join, otherWaysIn(state, host, join), k3sUnitName(host.role))
}

/** How k3s gets into the cluster, as the file that it reads while it has no data. */
export function joinFile(join: Join, others: readonly Join[], unit: UnitName): readonly WantedFile[] {
  if (join.kind === 'alone') return []
  return [generatedYaml(joinPath, joinText(join), { alternatives: others.map(joinText), readAtStartBy: unit })]
}

/** Written without the library, because every one of thousands of agents has a line for each server. */
export function joinText(join: Join): string {
  // even for one server: without it k3s takes sqlite, which no second server can join (docs/k3s.md, Start)
  return join.kind === 'join' ? `server: ${join.server}\n` : 'cluster-init: true\n'
}
