import type { SystemRendered } from '../../targets/rendered.ts'
import type { AnyDeployment } from '../host/host-deployment.ts'
import type { LocalRebuild, RebuildPlace } from './local-rebuild.ts'
import type { SourceTree } from './source-tree.ts'

/** Of a host whose system is built as a whole. */
export interface SystemDeployment extends AnyDeployment {
  readonly kind: 'system'
  readonly rendered: SystemRendered
  readonly tree: SourceTree
  /** Of this machine: the system may be built here. */
  readonly rebuild: RebuildPlace
}

export function localRebuildOf({ host, rebuild }: SystemDeployment): LocalRebuild {
  return { ...rebuild, host }
}
