import type { HostDeployment } from '../../deployment.ts'
import { activateFiles } from '../../files/activate-files.ts'
import type { ChangedValues } from '../../files/stage-files.ts'
import { activateSystem } from '../../nixos/activate-system.ts'

/** Exec 3: the host is switched to what was staged, and its services are told to start. */
export async function activate(deployment: HostDeployment, changed: ChangedValues): Promise<void> {
  switch (deployment.kind) {
    case 'files':
      return activateFiles(deployment, changed)
    case 'system':
      return activateSystem(deployment)
  }
}
