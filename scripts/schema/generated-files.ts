import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { faultsPage } from '../../src/help/faults/fault-page.ts'
import { agentConfigSchema } from '../../src/model/keel-agent/agent-config.ts'
import { approverPolicySchema } from '../../src/model/keel-agent/approver-policy.ts'
import { withExitCodes, withTables } from './doc-tables.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { agentApiSchemas, outputSchemas } from './output-schemas.ts'
import { podFieldsPage } from './pod-fields-page.ts'
import { endSchema, statusSchema } from './status-schema.ts'
import { typeDeclarations } from './type-declarations.ts'

/** Of a file that keel writes and a program of it reads. */
function fileSchema(title: string, of: z.ZodType): object {
  const { $schema, ...schema } = z.toJSONSchema(of, { target: 'draft-7', io: 'input' })
  return { $schema, title, ...schema }
}

const fileSchemas = {
  agent: fileSchema("the keel-agent's configuration (/etc/keel/agent.json)", agentConfigSchema),
  approver: fileSchema("the keel-approver's policy (/etc/keel/approver.json)", approverPolicySchema),
}

function outputSchema(title: string, schema: z.ZodType): object {
  const { $schema, ...made } = z.toJSONSchema(schema, { target: 'draft-7' })
  return { $schema, title, ...made }
}

/** All that is made of the model and committed: path → text. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const schemas = { host: jsonSchemaOf('host'), cluster: jsonSchemaOf('cluster'), secrets: jsonSchemaOf('secrets') }
  return new Map([
    ...Object.entries(schemas).map(
      ([kind, schema]) => [`schema/${kind}.json`, `${JSON.stringify(schema, null, 1)}\n`] as const,
    ),
    ...Object.entries(fileSchemas).map(
      ([name, schema]) => [`schema/${name}.json`, `${JSON.stringify(schema, null, 1)}\n`] as const,
    ),
    [
      'schema/status.json',
      `${JSON.stringify(outputSchema('keel status --json', z.union([statusSchema, endSchema])), null, 1)}\n`,
    ],
    ...Object.entries(outputSchemas()).map(
      ([name, schema]) => [`schema/output/${name}.json`, `${JSON.stringify(schema, null, 1)}\n`] as const,
    ),
    ...Object.entries(agentApiSchemas()).map(
      ([name, schema]) => [`schema/agent-v1/${name}.json`, `${JSON.stringify(schema, null, 1)}\n`] as const,
    ),
    ['schema/keel.d.ts', typeDeclarations(schemas)],
    ['docs/errors.md', faultsPage()],
    ['docs/exit-codes.md', withExitCodes(readFileSync(`${root}docs/exit-codes.md`, 'utf8'))],
    ['docs/virtual-kubelet-fields.md', podFieldsPage()],
    ['docs/inventory.md', withTables(readFileSync(`${root}docs/inventory.md`, 'utf8'))],
  ])
}
