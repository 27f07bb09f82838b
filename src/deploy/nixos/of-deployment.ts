import type { HostDeployment } from '../host-deployment.ts'
import type { LocalRebuild } from './local-rebuild.ts'
import type { SourceTree } from './source-tree.ts'

export function treeOf({ plan, sourceTree }: HostDeployment): SourceTree {
  if (sourceTree === undefined) throw new Error(`${plan.host} is to be built and has no sources`)
  return sourceTree
}

export function localRebuildOf({ seen, rebuild }: HostDeployment): LocalRebuild {
  return { ...rebuild, host: seen.host }
}
