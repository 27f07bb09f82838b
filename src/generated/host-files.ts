import { readPins } from '../artifacts/pins.ts'
import { surroundingsOf } from '../deploy/surroundings.ts'
import { ExitCode, type Fault, FaultsError } from '../errors.ts'
import type { FileChange } from '../files/transaction/replace-files.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { readSecretFile } from '../secrets/snapshot.ts'
import type { Store } from '../secrets/store.ts'
import type { GeneratedFile } from '../targets/generated-files.ts'
import type { Origin } from '../templates/generated-text.ts'

/** A generated file in a host's folder: `current`, or what it is instead. */
export interface HostFileState {
  readonly host: Host
  readonly file: string
  readonly state: 'none' | 'current' | 'outdated' | Exclude<Origin, 'generated'>
  /** What brings it up to date. */
  readonly change: FileChange
}

/** What is generated for these hosts, and what stands there. @throws KeelError `not-pinned` and others, as deploy does */
export async function readHostFiles(store: Store, cluster: Cluster, hosts: readonly Host[]): Promise<readonly HostFileState[]> {
  const generated = hosts.filter(({ os }) => os !== 'debian')
  if (generated.length === 0) return []
  // Butane and Nix are loaded only for a machine that has them
  const { generatedFilesOf } = await import('../targets/generated-files.ts')
  const surroundings = surroundingsOf(cluster, await readPins(store.directory), await store.caCertificate())
  const filesOf = generatedFilesOf(cluster, surroundings)
  const states = generated.map((host) => readFolder(store.directory, host, filesOf(host)))
  return (await Promise.all(states)).flat()
}

async function readFolder(directory: string, host: Host, files: readonly GeneratedFile[]): Promise<readonly HostFileState[]> {
  const pathOf = (name: string) => `hosts/${host.name}/${name}`
  const found = new Map(
    await Promise.all(files.map(async ({ name }) => [name, await readSecretFile(directory, pathOf(name))] as const)),
  )
  const sibling = (name: string) => found.get(name)?.toString()
  return files.map(({ name, text, originOf }) => {
    const before = found.get(name)
    const change = { file: pathOf(name), contents: Buffer.from(text), replaces: before && sha256(before) }
    return { host, file: pathOf(name), state: stateOf(before?.toString(), text, (one) => originOf(one, sibling)), change }
  })
}

function stateOf(before: string | undefined, text: string, originOf: (text: string) => Origin): HostFileState['state'] {
  if (before === undefined) return 'none'
  if (before === text) return 'current'
  const origin = originOf(before)
  return origin === 'generated' ? 'outdated' : origin
}

/** Generated files follow every change of the inventory, and a new host gets its own; those that somebody wrote or edited are left to him. */
export async function hostFileChanges(store: Store, cluster: Cluster, newHost: string): Promise<readonly FileChange[]> {
  const files = await readHostFiles(store, cluster, cluster.hosts)
  return files
    .filter(({ state, host }) => state === 'outdated' || (state === 'none' && host.name === newHost))
    .map(({ change }) => change)
}

/** @throws FaultsError `render-edited` (exit 2) for files that are not as keel wrote them, unless forced */
export function refuseEditedFiles(files: readonly HostFileState[], force: boolean): void {
  const faults = files.filter(({ state }) => state === 'edited' || state === 'foreign').map(editedFault)
  if (faults.length > 0 && !force) throw new FaultsError(faults, ExitCode.Usage)
}

function editedFault({ file, state }: HostFileState): Fault {
  return {
    code: 'render-edited',
    at: file,
    found: state === 'foreign' ? 'this file was not written by keel' : 'this file was edited by hand',
    why: 'what the inventory does not say would be lost',
    todo: 'take over what is in it into hosts/, then `keel render --force`',
  }
}

/** The files that are there and do not say what the inventory says: plan warns of them, deploy is refused. */
export function staleFiles(files: readonly HostFileState[]): readonly Fault[] {
  return files.filter(({ state }) => state !== 'none' && state !== 'current').map(staleFault)
}

/** What was reviewed has to be what is deployed. @throws FaultsError `render-stale`, `render-edited` (exit 2) */
export function refuseStaleFiles(files: readonly HostFileState[]): void {
  const faults = staleFiles(files)
  if (faults.length > 0) throw new FaultsError(faults, ExitCode.Usage)
}

function staleFault(file: HostFileState): Fault {
  if (file.state !== 'outdated') return editedFault(file)
  return {
    code: 'render-stale',
    at: file.file,
    found: 'the inventory says something else by now',
    why: 'people review this file in git, and it would say what the machine is not',
    todo: 'run `keel render`, and review what changes',
  }
}
