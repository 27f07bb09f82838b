import { KeelError } from '../errors.ts'
import type { DistributionKind } from '../model/distribution/distribution.ts'
import { labDistribution } from './distribution.ts'
import { ensureIgnition } from './flatcar/ignition.ts'
import { machineArch } from './k3s/k3s-source.ts'
import { ensureRoot } from './root/root.ts'
import { rootSpec } from './root/root-spec.ts'
import type { Work } from './work.ts'

/**
 * Builds what every lab of a distribution needs and what takes minutes: the root, the programs, the container images.
 * Boots nothing.
 */
export async function prepareLab(kind: DistributionKind, work: Work): Promise<void> {
  const root = ensureRoot(rootSpec(machineArch()), work)
  const distribution = labDistribution(kind, work)
  await Promise.all([root, distribution.description(), distribution.images(root), ignitionIfPossible(work)])
}

/**
 * A machine that can't build Ignition can still have labs of Debian hosts. `lab up --flatcar` reports what is missing.
 */
async function ignitionIfPossible(work: Work): Promise<void> {
  try {
    await ensureIgnition(work)
  } catch (error) {
    if (!(error instanceof KeelError) || error.code !== 'lab-no-ignition') throw error
    work.note(`no Flatcar look-alikes in labs of this machine: ${error.found.split('\n')[0]}`)
  }
}
