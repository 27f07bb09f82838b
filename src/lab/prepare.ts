import { KeelError } from '../errors.ts'
import { ensureIgnition } from './flatcar/ignition.ts'
import { ensureImages } from './images/images.ts'
import { k3sForLab, machineArch } from './k3s/k3s-source.ts'
import { ensureTiny } from './k3s/lookalike.ts'
import { thisMachine } from './machine/requirements.ts'
import { ensureRoot } from './root/root.ts'
import { rootSpec } from './root/root-spec.ts'
import type { Work } from './work.ts'

/** Builds what every lab needs and what takes minutes: the root, k3s, the container images. Boots nothing. */
export async function prepareLab(work: Work): Promise<void> {
  await Promise.all([
    ensureRoot(rootSpec(machineArch()), work),
    k3sForLab(work),
    imagesIfGo(work),
    ignitionIfPossible(work),
  ])
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

/**
 * Without Go, a lab with a named or released k3s still boots. Its nodes become Ready, but there is no image for Pods.
 */
export async function imagesIfGo(work: Work): Promise<string | undefined> {
  if (!thisMachine(work.env).has('go')) {
    work.note('no Go on this machine: the hosts get no container images, so no Pod can start in this lab')
    return undefined
  }
  return ensureImages(await ensureTiny(work), machineArch(), work.cache)
}
