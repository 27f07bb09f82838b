import { keysBelow } from './find-keys.ts'
import type { InventoryFile, Key } from './key.ts'

/** An example of a key in both forms of an inventory. */
export interface KeyExample {
  readonly typescript: string
  readonly yaml: string
}

const WHERE: Readonly<Record<InventoryFile, string>> = {
  host: 'hosts/NAME/host',
  cluster: 'hosts/cluster',
  secrets: 'secrets',
}

/** `keel explain KEY`, as a page in Markdown. */
export function keyPage(key: Key, keys: readonly Key[], example: KeyExample | undefined): string {
  const file = WHERE[key.file]
  const also = sameElsewhere(key, keys).map((path) => `\`${path}\``)
  const below = keysBelow(key.path, keys)
  return [
    `# ${key.path}`,
    key.what,
    [
      `- **Type**: ${key.type}`,
      `- **Default**: ${key.fallback ?? (key.required ? 'none: required' : 'none')}`,
      `- **In**: \`${file}.ts\` or \`${file}.yaml\`${also.length === 0 ? '' : `; also ${also.join(', ')}`}`,
    ].join('\n'),
    ...(below.length === 0 ? [] : ['## Keys below', rows(below)]),
    ...(example === undefined
      ? []
      : [`## In ${file}.ts`, fenced('ts', example.typescript), `## In ${file}.yaml`, fenced('yaml', example.yaml)]),
    'More: `keel help inventory`',
  ]
    .join('\n\n')
    .concat('\n')
}

/** The same key for a host, for the whole cluster, or as a default of the cluster. */
function sameElsewhere({ path }: Key, keys: readonly Key[]): readonly string[] {
  const own = path.replace(/^(host|cluster)\.(defaults\.)?/, '')
  return keys
    .map((key) => key.path)
    .filter((other) => other !== path && ['host', 'cluster', 'cluster.defaults'].some((at) => other === `${at}.${own}`))
}

function rows(keys: readonly Key[]): string {
  return ['| key | what |', '| --- | --- |', ...keys.map(({ path, what }) => `| \`${path}\` | ${cell(what)} |`)].join(
    '\n',
  )
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}
