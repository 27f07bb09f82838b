import type { SystemDeployment } from '../host/host-deployment.ts'
import type { LocalRebuild } from './local-rebuild.ts'

export function localRebuildOf({ host, rebuild }: SystemDeployment): LocalRebuild {
  return { ...rebuild, host }
}
