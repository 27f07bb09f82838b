import { FaultsError } from '../../errors.ts'
import type { DefinitionFile } from '../definition-file.ts'
import type { Definitions, HostSource, Read } from '../definitions.ts'
import { faultsOfEach, inOrder } from '../faults.ts'
import { readTypescriptFiles } from '../typescript/read-typescript-files.ts'
import { readYamlFile } from '../yaml/read-yaml-file.ts'
import { readImageKey } from './image-key.ts'
import { type InventoryFiles, inventoryFiles } from './inventory-files.ts'
import { readText } from './inventory-text.ts'
import { readManifestFiles } from './manifest-files.ts'
import { readRepositoryKeys } from './repository-keys.ts'

/**
 * All definitions of an inventory, unchecked.
 * @throws FaultsError (exit 2) if a file is missing, can't be read or defines something else. It then contains the
 * faults of all other files, too.
 */
export async function readDefinitions(
  directory: string,
  { files, strays, faults }: InventoryFiles = inventoryFiles(directory),
): Promise<Definitions> {
  const read = await readFiles(directory, files)
  const sourceOf = (one: DefinitionFile) => read.get(one)?.source
  const [secrets] = files.filter(({ kind }) => kind === 'secrets').map(sourceOf)
  const [cluster] = files.filter(({ kind }) => kind === 'cluster').map(sourceOf)
  const hosts = files.flatMap((one): HostSource[] => {
    const source = one.kind === 'host' ? sourceOf(one) : undefined
    return source === undefined ? [] : [{ ...source, name: source.subject.slice('hosts/'.length) }]
  })
  const all = [...faults, ...files.flatMap((one) => read.get(one)?.faults ?? [])]
  if (all.length > 0 || cluster === undefined || secrets === undefined) {
    throw new FaultsError(inOrder([...all, ...faultsOfEach({ cluster, secrets, hosts })]))
  }
  const manifestFiles = readManifestFiles(directory, cluster.input)
  const imageKey = readImageKey(directory, cluster.input)
  const repositoryKeys = readRepositoryKeys(
    directory,
    [cluster, ...hosts].map(({ input }) => input),
  )
  return {
    cluster,
    secrets,
    hosts,
    strays,
    ...(manifestFiles.size === 0 ? {} : { manifestFiles }),
    ...(imageKey === undefined ? {} : { imageKey }),
    ...(repositoryKeys.size === 0 ? {} : { repositoryKeys }),
  }
}

async function readFiles(
  directory: string,
  files: readonly DefinitionFile[],
): Promise<ReadonlyMap<DefinitionFile, Read>> {
  const yaml = files.filter(({ form }) => form === 'yaml')
  const typescript = files.filter(({ form }) => form === 'ts')
  const read = new Map<DefinitionFile, Read>()
  for (const one of yaml) {
    const text = readText(directory, one.file)
    read.set(one, typeof text === 'string' ? readYamlFile(one.file, one.subject, text) : { faults: [text] })
  }
  if (typescript.length > 0) {
    for (const [one, result] of await readTypescriptFiles(directory, typescript)) read.set(one, result)
  }
  return read
}
