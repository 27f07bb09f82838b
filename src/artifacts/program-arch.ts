import { open } from 'node:fs/promises'
import type { Artifact } from '../desired/host-state.ts'
import { ExitCode, KeelError } from '../errors.ts'
import type { Arch } from '../model/cluster.ts'
import { elfDamage, elfMachine } from './elf.ts'

/**
 * systemd-sysext silently ignores an extension for another architecture, so keel refuses a program for another one
 * before it is part of an image. If it is not an ELF file, only the host that runs it can tell.
 * @throws KeelError `artifact-arch` (exit 2)
 */
export async function refuseOtherArch(file: string, { name, version, arch, url }: Artifact): Promise<void> {
  await using handle = await open(file)
  const found = await elfMachine(handle)
  if (found !== undefined && found !== arch)
    throw otherArch(url, found, `it is pinned as ${name} ${version} for ${arch}`, name, arch)
}

/**
 * A file that the user names must be a complete program for the architecture. Otherwise an interrupted download or the
 * error page of a server would reach every host. It need not run on this machine.
 * @throws KeelError `pin-program`, `artifact-arch` (exit 2)
 */
export async function refuseNoProgram(file: string, arch: Arch, name = 'k3s'): Promise<void> {
  await using handle = await open(file)
  const damage = await elfDamage(handle)
  if (damage !== undefined) {
    throw new KeelError({
      code: 'pin-program',
      at: file,
      found: damage,
      why: `keel would put it on every ${arch} host in place of ${name}`,
      todo: 'download it again, or name the program itself',
      exit: ExitCode.Usage,
    })
  }
  const found = await elfMachine(handle)
  if (found !== arch) throw otherArch(file, found, `it is named for ${arch}`, name, arch)
}

function otherArch(at: string, found: string | undefined, why: string, name: string, arch: Arch): KeelError {
  return new KeelError({
    code: 'artifact-arch',
    at,
    found: `a program for ${found}`,
    why,
    todo: `pin the right one: \`keel pin ${name === 'k3s' ? '--file' : '--node'} ${arch}=PATH\``,
    exit: ExitCode.Usage,
  })
}
