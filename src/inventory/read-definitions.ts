import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault, FaultsError } from '../errors.ts'
import type { Definitions, HostSource, Read } from './definitions.ts'
import { type DefinitionFile, type InventoryFiles, inventoryFiles } from './inventory-files.ts'
import { readTypescriptFiles } from './read-typescript-files.ts'
import { faultsOfEach, inOrder } from './resolve.ts'
import { readYamlFile } from './yaml/read-yaml-file.ts'

/**
 * All definitions of an inventory, unchecked.
 * @throws FaultsError (exit 2) when a file is missing, can't be read or defines something else; then with the faults of all other files, too.
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
  return { cluster, secrets, hosts, strays }
}

async function readFiles(directory: string, files: readonly DefinitionFile[]): Promise<ReadonlyMap<DefinitionFile, Read>> {
  const yaml = files.filter(({ form }) => form === 'yaml')
  const typescript = files.filter(({ form }) => form === 'ts')
  const read = new Map<DefinitionFile, Read>()
  for (const one of yaml) {
    const text = readText(join(directory, one.file))
    const unreadable: Fault = { code: 'inventory-read', at: one.file, found: 'the file cannot be read' }
    read.set(one, text === undefined ? { faults: [unreadable] } : readYamlFile(one.file, one.subject, text))
  }
  if (typescript.length > 0) {
    for (const [one, result] of await readTypescriptFiles(directory, typescript)) read.set(one, result)
  }
  return read
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
