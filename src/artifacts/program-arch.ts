import { open } from 'node:fs/promises'
import type { Artifact } from '../desired/host-state.ts'
import { ExitCode, KeelError } from '../errors.ts'
import type { Arch } from '../model/cluster.ts'

/** e_machine of an ELF file's header (elf(5)). */
const machines: Readonly<Record<number, Arch>> = { 62: 'amd64', 183: 'arm64' }

/**
 * systemd-sysext passes over an extension of another architecture and says nothing: a program that is for another one is found before it is in an image.
 * What is no ELF file is left to be found out by whoever runs it.
 * @throws KeelError `artifact-arch` (exit 2)
 */
export async function refuseOtherArch(file: string, { name, version, arch, url }: Artifact): Promise<void> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(20), 0, 20, 0)
  if (bytesRead < 20 || buffer.readUInt32BE(0) !== 0x7f454c46) return
  const found = machines[buffer.readUInt16LE(18)]
  if (found === arch) return
  throw new KeelError({
    code: 'artifact-arch',
    at: url,
    found: `a program for ${found ?? 'another architecture'}`,
    why: `it is pinned as ${name} ${version} for ${arch}`,
    todo: `pin the one that belongs there: \`keel pin --file ${arch}=PATH\``,
    exit: ExitCode.Usage,
  })
}
