import type { JsonSchema } from './json-schema.ts'

/** The same model as types, self-contained, each key with its description: what an editor shows of a host.ts. */
export function typeDeclarations(schemas: Readonly<Record<'host' | 'cluster' | 'secrets', JsonSchema>>): string {
  return `// Made by scripts/schema.ts of keel's model. What an inventory imports from 'keel', as editors see it.

/** A reference to the value of a secret: \`secret('name')\`, or \`{ secret: 'name' }\`. */
export interface SecretRefInput {
  readonly secret: string
}

export type HostInput = ${typeOf(schemas.host, 0)}

export type ClusterInput = ${typeOf(schemas.cluster, 0)}

export type SecretsInput = ${typeOf(schemas.secrets, 0)}

/** What a file of an inventory exports as its default. */
export interface Definition<Kind extends 'cluster' | 'host' | 'secrets'> {
  readonly kind: Kind
}

/** hosts/cluster.ts: what all hosts share. */
export declare function defineCluster(cluster: ClusterInput): Definition<'cluster'>
/** hosts/<name>/host.ts: one machine; the folder's name is the host's. */
export declare function defineHost(host: HostInput): Definition<'host'>
/** secrets.ts: admins, and who may read which secret. */
export declare function defineSecrets(secrets: SecretsInput): Definition<'secrets'>
/** A reference to the value of secrets/<name>.age, for an option with a secret value: \`'vpn-auth': secret('headscale')\`. */
export declare function secret(name: string): SecretRefInput
`
}

function typeOf(schema: JsonSchema, indent: number): string {
  if (schema.const !== undefined) return typeof schema.const === 'string' ? `'${schema.const}'` : String(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((one) => `'${one}'`).join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeOf(one, indent)).join(' | ')
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return `readonly ${typeOf(schema.items ?? {}, indent)}[]`
    case 'object':
      return objectType(schema, indent)
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`)
  }
}

function objectType({ properties, required = [], additionalProperties }: JsonSchema, indent: number): string {
  if (properties === undefined)
    return `{ readonly [name: string]: ${typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : 'unknown'} }`
  if (Object.keys(properties).join() === 'secret') return 'SecretRefInput'
  const margin = ' '.repeat(indent + 2)
  const lines = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`
    const optional = required.includes(name) ? '' : ' | undefined'
    return `${comment(schema.description ?? '', margin)}${margin}readonly ${key}${optional === '' ? '' : '?'}: ${typeOf(schema, indent + 2)}${optional}\n`
  })
  return `{\n${lines.join('')}${' '.repeat(indent)}}`
}

function comment(text: string, margin: string): string {
  // an expression of cron would end the comment
  const lines = text.replaceAll('*/', '*\\/').split('\n')
  const [only = ''] = lines
  if (lines.length === 1) return `${margin}/** ${only} */\n`
  return `${margin}/**\n${lines.map((line) => `${margin} *${line === '' ? '' : ` ${line}`}\n`).join('')}${margin} */\n`
}
