import type { Fault } from '../errors.ts'
import { isDefinition } from '../model/definition.ts'
import type { Source } from './definitions.ts'
import { importFault } from './import-fault.ts'
import { importFresh } from './import-fresh.ts'
import { CALLS, type DefinitionFile } from './inventory-files.ts'
import { placesOf } from './place.ts'

/** Imports the TypeScript files of an inventory, fresh from disk: of each its definition, or why there is none. */
export async function readTypescriptFiles(
  directory: string,
  files: readonly DefinitionFile[],
): Promise<ReadonlyMap<DefinitionFile, { readonly source?: Source; readonly faults: readonly Fault[] }>> {
  const imported = await importFresh(
    directory,
    files.map(({ file }) => file),
  )
  return new Map(
    files.map((one, index) => {
      const result = imported[index]
      if (result === undefined) return [one, { faults: [] }]
      if ('error' in result) return [one, { faults: [importFault(directory, result)] }]
      const value = 'default' in result.module ? result.module.default : undefined
      if (!isDefinition(value) || value.kind !== one.kind)
        return [one, { faults: [notADefinition(one, value, 'default' in result.module)] }]
      return [
        one,
        {
          faults: [],
          source: { subject: one.subject, file: one.file, input: value.input, ...placesOf(directory, one.file, value) },
        },
      ]
    }),
  )
}

function notADefinition({ file, kind }: DefinitionFile, value: unknown, hasDefault: boolean): Fault {
  const wanted = CALLS[kind]
  const found = isDefinition(value)
    ? `its default export defines ${value.kind === 'secrets' ? 'secrets' : `a ${value.kind}`}`
    : hasDefault
      ? 'its default export is no definition'
      : 'it has no default export'
  return {
    code: 'no-definition',
    at: `${file}:1:1`,
    found,
    todo: `write: export default ${wanted}({ … }), with ${wanted} from 'keel'`,
  }
}
