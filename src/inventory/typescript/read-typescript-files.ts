import type { Fault } from '../../errors.ts'
import { isDefinition } from '../../model/definition.ts'
import { CALLS, type DefinitionFile } from '../definition-file.ts'
import type { Read } from '../definitions.ts'
import { importFault } from './import-fault.ts'
import { importFresh } from './import-fresh.ts'
import { keysTwiceIn } from './keys-twice.ts'
import { placesOf, readText } from './place.ts'
import { plainCopy } from './plain-copy.ts'
import { prototypeKeysIn } from './prototype-keys.ts'

/**
 * Imports the TypeScript files of an inventory, fresh from disk. @returns for each its definition, or why there is none
 */
export async function readTypescriptFiles(
  directory: string,
  files: readonly DefinitionFile[],
): Promise<ReadonlyMap<DefinitionFile, Read>> {
  const imported = await importFresh(
    directory,
    files.map(({ file }) => file),
  )
  return new Map(
    files.map((one, index) => {
      const result = imported[index]
      if (result === undefined) return [one, { faults: [] }]
      if ('error' in result) return [one, { faults: [importFault(directory, result)] }]
      try {
        return [one, readModule(directory, one, result.module)]
      } catch (error) {
        // a getter or proxy of the inventory threw an error when keel read it
        return [one, { faults: [importFault(directory, { file: one.file, error, lastRead: '' })] }]
      }
    }),
  )
}

function readModule(directory: string, one: DefinitionFile, module: object): Read {
  const value = 'default' in module ? module.default : undefined
  if (!isDefinition(value) || value.kind !== one.kind)
    return { faults: [notADefinition(one, value, 'default' in module)] }
  const { subject, file } = one
  const text = readText(directory, file)
  const faults = prototypeKeysIn(file, text)
  if (faults.length > 0) return { faults }
  const input = plainCopy(value.input)
  return {
    faults: keysTwiceIn(file, text, CALLS[one.kind]),
    source: { subject, file, input, ...placesOf(directory, file, value), isUnread: () => false },
  }
}

function notADefinition({ file, kind }: DefinitionFile, value: unknown, hasDefault: boolean): Fault {
  const wanted = CALLS[kind]
  const found = isDefinition(value)
    ? `its default export defines ${value.kind === 'secrets' ? 'secrets' : `a ${value.kind}`}`
    : hasDefault
      ? 'its default export is not a definition'
      : 'it has no default export'
  return {
    code: 'no-definition',
    at: `${file}:1:1`,
    found,
    todo: `write: export default ${wanted}({ … }), with ${wanted} from 'keel'`,
  }
}
