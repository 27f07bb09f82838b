import { fileURLToPath } from 'node:url'
import { createGenerator } from 'ts-json-schema-generator'
import { labStatusSchema } from './lab-status.ts'

type Schema = ReturnType<ReturnType<typeof createGenerator>['createSchema']>
type Definition = NonNullable<Schema['definitions']>[string]

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The JSON Schema of each of `Outputs` in outputs.ts, made from the types that the program itself has. */
export function outputSchemas(): Readonly<Record<string, object>> {
  return { ...schemasOf('./outputs.ts', 'Outputs'), 'lab-status': labStatusSchema() }
}

/** The same of each of `AgentApi` in agent-api.ts. */
export function agentApiSchemas(): Readonly<Record<string, object>> {
  return schemasOf('./agent-api.ts', 'AgentApi')
}

function schemasOf(path: string, type: string): Readonly<Record<string, object>> {
  const all = createGenerator({
    path: file(path),
    tsconfig: file('./outputs.tsconfig.json'),
    type,
    expose: 'none',
    topRef: false,
    additionalProperties: false,
    // `npm run lint` does
    skipTypeCheck: true,
  }).createSchema(type)
  const ofTypes = Object.entries(all.properties ?? {})
  return Object.fromEntries(ofTypes.map(([name, schema]) => [name, withTitle(schema, all.definitions ?? {})]))
}

function withTitle(schema: Definition, definitions: Readonly<Record<string, Definition>>): object {
  if (typeof schema === 'boolean') throw new Error('an output of any form')
  const { description, ...rest } = schema
  const used = Object.keys(definitions).length === 0 ? {} : { definitions }
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: description, ...rest, ...used }
}
