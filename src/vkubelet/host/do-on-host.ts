import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { VolumeContent } from '../pod/resolve-volume.ts'
import type { Operation } from '../reconcile/operation.ts'
import { environmentFile } from '../units/environment-file.ts'
import type { HostFolders } from './host-folders.ts'
import { keepRoom } from './keep-room.ts'
import { unmountBelow } from './memory-mounts.ts'
import { removeDirectories } from './pod-directories.ts'
import { addPodUser, removePodUser } from './pod-users.ts'
import { removeTree } from './remove-tree.ts'
import { systemctl } from './systemctl.ts'
import { writeVolume } from './volume-folders.ts'
import { writeAtomically } from './write-atomically.ts'

/** What is done on the host alone: a report is for the API server, a hook for the keeper of health. */
export type HostOperation = Exclude<Operation, { kind: 'report' | 'delete-pod' | 'pre-stop' | 'fail' }>

export interface HostTools {
  readonly folders: HostFolders
  /** Contains values of secrets. */
  variablesOf(operation: Operation & { kind: 'write-environment' }): ReadonlyMap<string, string>
  /** So does it. Undefined where nobody knows any more: the next step does. */
  contentOf(operation: Operation & { kind: 'write-volume' }): Content | undefined
}

interface Content {
  readonly content: VolumeContent
  readonly digest: string
}

/**
 * Does one operation. A unit that is not there any more is no error: another look shows it.
 * @throws Error of the system, or systemctl's words
 */
export async function doOnHost(operation: HostOperation, tools: HostTools): Promise<void> {
  const { folders, variablesOf } = tools
  switch (operation.kind) {
    case 'add-user':
      // where it has failed, the unit that can't start says so
      await addPodUser(operation.user).catch(() => undefined)
      return
    case 'remove-user':
      // one that a process has still is tried again
      await removePodUser(operation.user).catch(() => undefined)
      return
    case 'write-environment': {
      const folder = join(folders.pods, operation.pod.uid)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeText(join(folder, `${operation.container}.env`), environmentFile(variablesOf(operation)), 0o600)
      return
    }
    case 'write-volume': {
      const found = tools.contentOf(operation)
      const ref = { uid: operation.pod.uid, name: operation.volume }
      if (found !== undefined) await writeVolume(folders, ref, found.content, found.digest)
      return
    }
    case 'write-unit':
      await mkdir(folders.units, { recursive: true, mode: 0o755 })
      await writeText(unitPath(folders, operation.unit), operation.text, 0o644)
      return
    case 'remove-unit':
      await rm(unitPath(folders, operation.unit), { force: true })
      return
    case 'remove-folder':
      await removePod(folders, basename(operation.uid))
      return
    case 'reload':
      await systemctl('daemon-reload')
      return
    case 'run':
      // a program that is not there fails its unit, which the next look shows
      await systemctl('restart', '--no-block', '--', ...operation.units)
      return
    case 'stop':
      await systemctl('stop', '--no-block', '--', ...operation.units)
      await systemctl('reset-failed', '--', ...operation.units).catch(() => undefined)
      return
    case 'signal': {
      const whom = operation.signal === 'SIGKILL' ? 'all' : 'main'
      // one that has ended meanwhile keeps no other one from its signal
      await systemctl('kill', `--kill-whom=${whom}`, `--signal=${operation.signal}`, '--', ...operation.units).catch(
        () => undefined,
      )
    }
  }
}

async function removePod(folders: HostFolders, uid: string): Promise<void> {
  await unmountBelow(join(folders.pods, uid))
  await removeTree(join(folders.pods, uid))
  await removeTree(join(folders.disk, uid))
  await removeDirectories(folders, uid)
}

async function writeText(path: string, text: string, mode: number): Promise<void> {
  await keepRoom(dirname(path), { files: 1, bytes: Buffer.byteLength(text) })
  await writeAtomically(path, text, mode)
}

function unitPath({ units }: HostFolders, unit: string): string {
  return join(units, basename(unit))
}
