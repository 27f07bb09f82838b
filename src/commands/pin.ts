import { resolve } from 'node:path'
import { lockFileName, lockFileText, readLockFile } from '../artifacts/lock-file.ts'
import { pinK3s } from '../artifacts/pin-k3s.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { readInventoryFile } from '../files/inventory-file.ts'
import { loadInventory } from '../inventory/load.ts'
import type { Arch, Host } from '../model/cluster.ts'
import { sha256 } from '../secrets/digest.ts'
import { replaceFiles } from '../secrets/transaction.ts'
import { type Command, directory, type InDirectory } from './command.ts'

interface PinInput extends InDirectory {
  readonly file?: readonly string[]
  readonly releases?: string
  readonly sysext?: boolean
}

export const pin: Command<PinInput> = {
  name: 'pin',
  summary: 'resolve versions to artifacts and hashes: keel.lock.json',
  options: [
    directory,
    { flags: '--file <arch=path...>', summary: 'pin a k3s binary of yours (`amd64=./k3s`) in place of the release' },
    { flags: '--releases <url>', summary: "a mirror of k3s's releases, with the same layout" },
    { flags: '--sysext', summary: 'the system extension as well, for Flatcar hosts that are still to come' },
  ],
  async run(input, io) {
    const { directory, cluster } = await loadInventory(resolve(io.cwd, input.directory ?? '.'))
    const before = readInventoryFile(directory, lockFileName)
    const lock = await readLockFile(directory)
    const pinned = await pinK3s(lock, {
      version: cluster.version,
      archs: archsOf(cluster.hosts),
      files: filesByArch(input.file ?? [], io.cwd),
      images: { archs: archsOf(cluster.hosts.filter(({ os }) => os === 'flatcar' || input.sysext === true)), env: io.env },
      ...(input.releases === undefined ? {} : { releases: input.releases.replace(/\/+$/, '') }),
    })
    if (lockFileText(pinned) === lockFileText(lock)) {
      io.print(`${lockFileName}: nothing changes`)
      return ExitCode.Done
    }
    const contents = Buffer.from(lockFileText(pinned))
    await replaceFiles(directory, [{ file: lockFileName, contents, replaces: before && sha256(before) }])
    for (const [arch, artifact] of Object.entries(pinned.artifacts.k3s?.[cluster.version] ?? {}))
      if (artifact !== undefined) {
        io.print(`k3s ${cluster.version} ${arch}: ${artifact.sha256} ${artifact.url}`)
        if (artifact.sysext !== undefined) io.print(`  as a system extension: ${artifact.sysext}`)
      }
    return ExitCode.Done
  },
}

function archsOf(hosts: readonly Host[]): readonly Arch[] {
  return [...new Set(hosts.map(({ arch }) => arch))]
}

function filesByArch(specs: readonly string[], cwd: string): Partial<Record<Arch, string>> {
  return Object.fromEntries(
    specs.map((spec) => {
      const [arch, ...rest] = spec.split('=')
      if ((arch !== 'amd64' && arch !== 'arm64') || rest.length === 0) {
        throw new KeelError({
          code: 'usage',
          at: '--file',
          found: spec,
          todo: 'write it as amd64=PATH or arm64=PATH',
          exit: ExitCode.Usage,
        })
      }
      return [arch, resolve(cwd, rest.join('='))]
    }),
  )
}
