import { isUtf8 } from 'node:buffer'
import { type Fault, FaultsError, KeelError, systemCode } from '../../errors.ts'
import { MOST_PARSED_BYTES, readInventoryFile } from '../../files/inventory-file.ts'
import type { DefinitionFile } from '../definition-file.ts'
import type { Definitions, HostSource, Read } from '../definitions.ts'
import { faultsOfEach, inOrder } from '../faults.ts'
import { readTypescriptFiles } from '../typescript/read-typescript-files.ts'
import { readYamlFile } from '../yaml/read-yaml-file.ts'
import { type InventoryFiles, inventoryFiles } from './inventory-files.ts'

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
  return { cluster, secrets, hosts, strays }
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

function readText(directory: string, file: string): string | Fault {
  try {
    // removed since its folder was read
    const bytes = readInventoryFile(directory, file, MOST_PARSED_BYTES)
    if (bytes === undefined) return unread(file, 'ENOENT')
    return isUtf8(bytes) ? bytes.toString() : notUtf8(file, bytes)
  } catch (error) {
    return error instanceof KeelError ? error : unread(file, systemCode(error))
  }
}

function unread(file: string, code: string): Fault {
  return {
    code: 'inventory-read',
    at: file,
    found: `it can't be read (${code})`,
    todo: 'replace it with a file that you can read',
  }
}

/** If keel read the text anyway, a name or a password would change. */
function notUtf8(file: string, bytes: Buffer): Fault {
  // a letter that ends at the end of a line is not valid either, so this can look at lines one by one
  const lines = bytes.toString('latin1').split('\n')
  const line = lines.findIndex((each) => !isUtf8(Buffer.from(each, 'latin1')))
  const column =
    Buffer.from(lines[line] ?? '', 'latin1')
      .toString()
      .indexOf('\uFFFD') + 1
  return {
    code: 'inventory-encoding',
    at: `${file}:${line + 1}:${column}`,
    found: 'not a text in UTF-8',
    why: 'keel reads only UTF-8, and would read other letters in another encoding',
    todo: 'save the file as UTF-8',
  }
}
