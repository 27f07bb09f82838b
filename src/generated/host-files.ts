import type { Surroundings } from '../desired/surroundings.ts'
import type { FileChange } from '../files/transaction/file-change.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { readSecretFile } from '../secrets/snapshot.ts'
import type { GeneratedFile } from '../targets/generated-files.ts'
import { type GeneratedFileState, stateOf } from './generated-state.ts'

/** A generated file in a host's folder. */
export interface HostFileState extends GeneratedFileState {
  readonly host: Host
}

/**
 * The files that keel generates for these hosts, and what is there now.
 * @param surroundings called only if keel generates something, because other inventories need no pins for it
 * @throws KeelError `not-pinned` and others, like deploy
 */
export async function readHostFiles(
  directory: string,
  cluster: Cluster,
  hosts: readonly Host[],
  surroundings: () => Promise<Surroundings>,
): Promise<readonly HostFileState[]> {
  const generated = hosts.filter(({ os }) => os !== 'debian')
  if (generated.length === 0) return []
  // Butane and Nix are loaded only for a machine that has them
  const { generatedFilesOf } = await import('../targets/generated-files.ts')
  const filesOf = generatedFilesOf(cluster, await surroundings())
  return (await Promise.all(generated.map((host) => readFolder(directory, host, filesOf(host))))).flat()
}

async function readFolder(
  directory: string,
  host: Host,
  files: readonly GeneratedFile[],
): Promise<readonly HostFileState[]> {
  const pathOf = (name: string) => `hosts/${host.name}/${name}`
  const found = new Map(
    await Promise.all(files.map(async ({ name }) => [name, await readSecretFile(directory, pathOf(name))] as const)),
  )
  const sibling = (name: string) => found.get(name)?.toString()
  return files.map(({ name, text, originOf }) => {
    const before = found.get(name)
    const change = { file: pathOf(name), contents: Buffer.from(text), replaces: before && sha256(before) }
    return {
      host,
      file: pathOf(name),
      state: stateOf(before?.toString(), text, (one) => originOf(one, sibling)),
      change,
    }
  })
}

/**
 * Generated files follow every change of the inventory, and a new host gets its own. Files that somebody wrote or
 * edited stay unchanged.
 */
export function hostFileChanges(files: readonly HostFileState[], newHost: string): readonly FileChange[] {
  return files
    .filter(({ state, host }) => state === 'outdated' || (state === 'none' && host.name === newHost))
    .map(({ change }) => change)
}
