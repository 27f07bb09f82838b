import { resolve } from 'node:path'
import { execa } from 'execa'
import { sha256OfFile } from '../../artifacts/artifact-cache.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import type { Arch } from '../../model/cluster.ts'
import { nodeArch } from '../../model/systems/arch-names.ts'
import type { Artifact } from '../description.ts'
import type { Work } from '../work.ts'
import { k3sRelease } from './k3s-release.ts'
import { ensureLookalike } from './lookalike.ts'

/**
 * The architecture of this machine, in the names of k3s. The hosts of the lab have the same, because they share its
 * kernel.
 */
export function machineArch(): Arch {
  const arch = nodeArch.get(process.arch)
  if (arch !== undefined) return arch
  throw new KeelError({
    code: 'lab-machine',
    found: `this machine is ${process.arch}`,
    why: 'k3s hosts are amd64 or arm64',
    exit: ExitCode.Usage,
  })
}

/**
 * k3s for the lab: the binary that KEEL_LAB_K3S names, else the pinned release if the network provides it, else the
 * look-alike.
 * @throws KeelError `lab-k3s-named` (exit 2), `lab-k3s-hash`, `lab-no-k3s`
 */
export async function k3sForLab(work: Work): Promise<Artifact> {
  const named = work.env.KEEL_LAB_K3S
  if (named) return describe(resolve(named), 'named')
  return (await k3sRelease(machineArch(), work)) ?? describe(await ensureLookalike(work), 'lookalike')
}

async function describe(path: string, kind: Artifact['kind']): Promise<Artifact> {
  const said = await execa(path, ['--version'], { reject: false, stdin: 'ignore', timeout: 20_000 })
  const version = /^k3s version (v\d\S*)/m.exec(said.stdout)?.[1]
  if (version === undefined) {
    throw new KeelError({
      code: 'lab-k3s-named',
      at: path,
      found: 'this is not k3s: `--version` does not print `k3s version v…`',
      ...(kind === 'named'
        ? { todo: 'set KEEL_LAB_K3S to the path of a k3s binary for this machine, or unset it' }
        : {}),
      exit: ExitCode.Usage,
    })
  }
  return { version, arch: machineArch(), path, sha256: await sha256OfFile(path), kind }
}
