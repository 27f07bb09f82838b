import { readFileSync } from 'node:fs'
import { withTables } from './doc-tables.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { typeDeclarations } from './type-declarations.ts'

/** All that is made of the model and committed: path → text. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const schemas = { host: jsonSchemaOf('host'), cluster: jsonSchemaOf('cluster'), secrets: jsonSchemaOf('secrets') }
  return new Map([
    ...Object.entries(schemas).map(([kind, schema]) => [`schema/${kind}.json`, `${JSON.stringify(schema, null, 1)}\n`] as const),
    ['schema/keel.d.ts', typeDeclarations(schemas)],
    ['docs/inventory.md', withTables(readFileSync(`${root}docs/inventory.md`, 'utf8'))],
  ])
}
