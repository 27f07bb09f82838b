import { stageCertificate } from '../certify/stage-certificate.ts'
import type { HostDeployment } from '../deployment.ts'
import { type ChangedValues, stageFiles } from '../files/stage-files.ts'
import { stageSystem } from '../nixos/stage-system.ts'

/** Exec 2: everything that changes is on the host, checked and decryptable, and nothing is in its place yet. */
export async function stage(deployment: HostDeployment): Promise<ChangedValues> {
  const changed = await stageKind(deployment)
  await stageCertificate(deployment)
  return changed
}

async function stageKind(deployment: HostDeployment): Promise<ChangedValues> {
  switch (deployment.kind) {
    case 'files':
      return stageFiles(deployment)
    case 'system':
      await stageSystem(deployment)
      return new Set()
  }
}
