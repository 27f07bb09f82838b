import * as z from 'zod'
import { type Flag, k3sFlags, ownedFlag } from '../../src/model/k3s/k3s-flags.ts'
import { clusterSchema, hostSchema, secretsSchema } from '../../src/model/schema/input.ts'
import { type DocumentedFile, keyDocs, REQUIRED, sharedKeyDocs } from '../../src/model/schema/key-docs.ts'

/** As much of JSON Schema (draft 7, which every editor reads) as the model needs. */
export interface JsonSchema {
  $schema?: string
  title?: string
  description?: string
  type?: string
  enum?: readonly string[]
  const?: boolean | string
  properties?: Record<string, JsonSchema>
  required?: readonly string[]
  additionalProperties?: boolean | JsonSchema
  propertyNames?: JsonSchema
  items?: JsonSchema
  anyOf?: readonly JsonSchema[]
  minItems?: number
  minLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
}

const SCHEMAS = { host: hostSchema, cluster: clusterSchema, secrets: secretsSchema } as const
const TITLES: Readonly<Record<DocumentedFile, string>> = {
  host: 'a host of a keel inventory (hosts/<name>/host.yaml)',
  cluster: 'what all hosts of a keel inventory share (hosts/cluster.yaml)',
  secrets: 'the admins of a keel inventory, and who may read which secret (secrets.yaml)',
}

/**
 * The schema of one kind of file, every key described.
 * @throws Error for a key without a description, or a description without a key.
 */
export function jsonSchemaOf(kind: DocumentedFile): JsonSchema {
  const raw: JsonSchema = z.toJSONSchema(SCHEMAS[kind], {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  }) as JsonSchema
  const used = new Set<string>()
  const described = describe(raw, '', kind, used)
  const unused = Object.keys(keyDocs[kind]).filter((path) => !used.has(path))
  if (unused.length > 0)
    throw new Error(`src/model/schema/key-docs.ts describes what ${kind} has not: ${unused.join(', ')}`)
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: TITLES[kind], ...described }
}

const SECRET_REF: JsonSchema = {
  type: 'object',
  properties: { secret: { type: 'string', description: 'the name of a secret of the inventory' } },
  required: ['secret'],
  additionalProperties: false,
}

function describe(schema: JsonSchema, path: string, kind: DocumentedFile, used: Set<string>): JsonSchema {
  if (path === 'k3s') return optionsOf(kind)
  const below = (name: string) => (path === '' ? name : `${path}.${name}`)
  const { $schema: _, properties, additionalProperties, anyOf, items, ...rest } = schema
  // what a custom check reads is a reference to a secret, the one kind of value that JSON Schema can't be told of
  if (Object.keys(schema).length === 0) return SECRET_REF
  return {
    ...rest,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inner]) => [
              name,
              withDoc(describe(inner, below(name), kind, used), below(name), kind, used),
            ]),
          ),
        }),
    ...(typeof additionalProperties !== 'object'
      ? additionalProperties === undefined
        ? {}
        : { additionalProperties }
      : {
          additionalProperties: withDoc(describe(additionalProperties, below('*'), kind, used), below('*'), kind, used),
        }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((one) => describe(one, path, kind, used)) }),
    ...(items === undefined ? {} : { items: describe(items, path, kind, used) }),
  }
}

function withDoc(schema: JsonSchema, path: string, kind: DocumentedFile, used: Set<string>): JsonSchema {
  used.add(path)
  const shared = path.replace(/^defaults\./, '')
  const doc = keyDocs[kind][path] ?? sharedKeyDocs[shared]
  if (doc === undefined) throw new Error(`src/model/schema/key-docs.ts says nothing of ${kind}'s ${path}`)
  const fallback = doc.default === undefined || doc.default === REQUIRED ? '' : `\n\nDefault: ${doc.default}`
  return { ...schema, description: doc.what.replace(', see below', '') + fallback }
}

/** k3s's own flags, except for those that keel sets itself; on a host none that all servers must be given alike. */
function optionsOf(kind: DocumentedFile): JsonSchema {
  const names = [...new Set([...k3sFlags.server.keys(), ...k3sFlags.agent.keys()])].toSorted()
  const flags = names.flatMap((name) => k3sFlags.server.get(name) ?? k3sFlags.agent.get(name) ?? [])
  const properties = flags
    .filter((flag) => ownedFlag(flag.name) === undefined && !(kind === 'host' && flag.matching))
    .map((flag): [string, JsonSchema] => [flag.name, { ...flagType(flag), description: describeFlag(flag) }])
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }
}

function describeFlag({ name, secret, kind }: Flag): string {
  const [server, agent] = [k3sFlags.server.has(name), k3sFlags.agent.has(name)]
  const who = server && agent ? 'servers and agents' : server ? 'servers' : 'agents'
  return `\`--${name}\` of k3s, on ${who}${secret ? '; a secret, so a reference to one' : kind === undefined ? '' : `: ${kind.allowed}`}`
}

function flagType({ name, type, secret, kind, range }: Flag): JsonSchema {
  if (secret) return SECRET_REF
  if (name === 'write-kubeconfig-mode') return { type: 'string', pattern: '^0?[0246]00$' }
  switch (type) {
    case 'Bool':
      return { type: 'boolean' }
    case 'Int':
      return { type: 'integer', ...(range === undefined ? {} : { minimum: range[0], maximum: range[1] }) }
    case 'String':
      return { type: 'string', ...(kind?.words === undefined ? {} : { enum: kind.words }) }
    case 'Duration':
      return { type: 'string', pattern: '^(\\d+(\\.\\d+)?(ns|us|µs|ms|s|m|h))+$' }
    case 'StringSlice':
      return { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] }
  }
}
