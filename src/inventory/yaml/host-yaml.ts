import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, type Pair, type ParsedNode, parseDocument, stringify } from 'yaml'
import type { SshPublicKey } from '../../model/brands.ts'
import type { HostInput } from '../../model/schema/input.ts'
import { parseYaml } from './parse-yaml.ts'

/**
 * Tells an editor with yaml-language-server the place of the schema that keel puts beside the inventory
 * (editor-files.ts).
 */
const SCHEMA_LINE = '# yaml-language-server: $schema=../../.keel/host.json\n'

/** The text of a new hosts/<name>/host.yaml. */
export function hostYamlText(host: HostInput): string {
  return SCHEMA_LINE + stringify(host, { version: '1.2', schema: 'core', lineWidth: 0 })
}

/**
 * The text with the key of the machine after its address, and everything else unchanged byte by byte. Undefined if that
 * is not possible exactly.
 */
export function yamlWithHostKey(text: string, key: SshPublicKey): string | undefined {
  const before = mapIn(text)
  const document = parseDocument(text, { version: '1.2', prettyErrors: false, logLevel: 'silent' })
  if (before === undefined || 'hostKey' in before || !isMap(document.contents)) return undefined
  const address = document.contents.items.find((pair) => isScalar(pair.key) && pair.key.value === 'address')
  const changed = address && insertBehind(text, address, document.contents.flow === true, `hostKey: ${key}`)
  return changed !== undefined && isDeepStrictEqual(mapIn(changed), { ...before, hostKey: key }) ? changed : undefined
}

function insertBehind(
  text: string,
  { key, value }: Pair<ParsedNode, ParsedNode | null>,
  isFlow: boolean,
  entry: string,
): string | undefined {
  if (value === null) return undefined
  const end = value.range[1]
  if (isFlow) return `${text.slice(0, end)}, ${entry}${text.slice(end)}`
  const keyStart = key.range[0]
  const margin = text.slice(text.lastIndexOf('\n', keyStart - 1) + 1, keyStart)
  // below any comment after the address; a block of text ends with its newline
  const newline = text.indexOf('\n', text[end - 1] === '\n' ? end - 1 : end)
  const head = newline < 0 ? `${text}\n` : text.slice(0, newline + 1)
  const ending = head.endsWith('\r\n') ? '\r\n' : '\n'
  return `${head}${margin}${entry}${newline < 0 ? '' : ending}${text.slice(head.length)}`
}

function mapIn(text: string): object | undefined {
  const { root, problems } = parseYaml(text)
  return problems.length === 0 && typeof root?.value === 'object' && root.value !== null ? root.value : undefined
}
