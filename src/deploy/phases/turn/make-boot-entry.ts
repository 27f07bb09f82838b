import type { HostDeployment } from '../../deployment.ts'
import { confirmSystem } from '../../nixos/confirm-system.ts'

/**
 * Files in their places are there after a reboot. A built system ran as a test until it was healthy: now the next boot
 * takes it, too.
 */
export async function makeBootEntry(deployment: HostDeployment): Promise<void> {
  switch (deployment.kind) {
    case 'files':
      return
    case 'system':
      return confirmSystem(deployment)
  }
}
