import type { HostDeployment } from '../../deployment.ts'
import type { ChangedValues } from '../../files/stage-files.ts'
import { takeBackSystem } from '../../nixos/take-back-system.ts'

type Turn = (deployment: HostDeployment, changed: ChangedValues) => Promise<void>

/**
 * Phases, one after the other. Where one fails, a host that has a way back runs what it ran before them.
 * @throws as they do, or what says so
 */
export function orTakeBack(...phases: readonly Turn[]): Turn {
  return async (deployment, changed) => {
    try {
      for (const phase of phases) await phase(deployment, changed)
    } catch (error) {
      throw await takeBack(deployment, error)
    }
  }
}

async function takeBack(deployment: HostDeployment, error: unknown): Promise<unknown> {
  switch (deployment.kind) {
    case 'files':
      return error
    case 'system':
      return takeBackSystem(deployment, error)
  }
}
