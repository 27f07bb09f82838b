import { ExitCode, KeelError } from '../../errors.ts'
import type { SshPublicKey } from '../../model/brands.ts'
import type { HostInput } from '../../model/schema/input.ts'
import type { Form } from '../definition-file.ts'
import { type Call, endOfEntry, entries, entryStarts, findCall, isSign } from '../typescript/literals.ts'
import { typescriptLiteral } from '../typescript/typescript-literal.ts'
import { hostYamlText, yamlWithHostKey } from '../yaml/host-yaml.ts'

/**
 * The text of a new hosts/<name>/host.ts or host.yaml. It quotes every string; loading the inventory checks the values.
 */
export function hostFileText(host: HostInput, form: Form = 'ts'): string {
  const { os, role, arch, address, hostKey, nodeIP, ...rest } = host
  const ordered = { os, role, arch, address, hostKey, nodeIP, ...rest }
  if (form === 'yaml') return hostYamlText(ordered)
  return `import { defineHost } from 'keel'

export default defineHost(${typescriptLiteral(ordered)})
`
}

/**
 * The text of a host's file with the key of the machine after its address. Everything else, also comments and layout,
 * stays the same byte by byte.
 * @throws KeelError `host-file` (exit 2) if the text is not one plain definition (defineHost call, or map of YAML)
 * without a hostKey
 */
export function withHostKey(text: string, key: SshPublicKey, form: Form = 'ts'): string {
  return form === 'ts' ? inTypescript(text, key) : inYaml(text, key)
}

function inYaml(text: string, key: SshPublicKey): string {
  const changed = yamlWithHostKey(text, key)
  if (changed === undefined) throw refused('no plain `address: …` in it, or a hostKey already', `hostKey: ${key}`)
  return changed
}

function inTypescript(text: string, key: SshPublicKey): string {
  const entry = `hostKey: ${typescriptLiteral(key)}`
  const call = findCall(text, 'defineHost')
  if (call === undefined || !isSign(call.all[call.argument], '{')) throw refused('no `defineHost({ … })` in it', entry)
  const places = call.all.filter((token, index) => token.text === 'defineHost' && isSign(call.all[index + 1], '('))
  if (places.length > 1) throw refused('more than one `defineHost({ … })` in it', entry)
  const there = entries(call.all, call.argument)
  if (there.some((one) => one.key === 'hostKey')) throw refused('it has a hostKey already', entry)
  const changed = insertBehindAddress(text, call, entry)
  const after = changed === undefined ? undefined : findCall(changed, 'defineHost')
  const keys = after === undefined ? [] : entries(after.all, after.argument).map((one) => one.key)
  if (changed === undefined || keys.length !== there.length + 1 || !keys.includes('hostKey'))
    throw refused('no plain `address: …,` in it', entry)
  return changed
}

function insertBehindAddress(text: string, { all, argument }: Call, entry: string): string | undefined {
  const address = entries(all, argument).find(({ key }) => key === 'address')
  if (address === undefined) return undefined
  const starts = entryStarts(all, argument)
  const start = starts.findLast((index) => index <= address.value)
  const laterSpread = starts.some((index) => index > address.value && isSign(all[index], '.'))
  const last = endOfEntry(all, address.value)
  const first = start === undefined ? undefined : all[start]
  const end = all[last]
  if (first === undefined || end === undefined || laterSpread) return undefined

  const comma = isSign(end, ',') ? '' : ','
  const head = text.slice(0, end.end) + comma
  const tail = text.slice(end.end)
  const line = /^[^\n]*/.exec(tail)?.[0] ?? ''
  const next = all[last + 1]
  const margin = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, first.start))?.[1]
  // if the address is alone on its lines, the key gets its own line, below any comment after the address
  if (margin !== undefined && (next === undefined || next.start >= end.end + line.length)) {
    const newline = line.endsWith('\r') ? '\r\n' : '\n'
    return `${head}${line}\n${margin}${entry},${newline.slice(0, -1)}${tail.slice(line.length)}`
  }
  return comma === '' ? `${head} ${entry},${tail}` : `${head} ${entry}${tail}`
}

function refused(found: string, entry: string): KeelError {
  return new KeelError({
    code: 'host-file',
    found,
    why: 'keel changes your file only if it can do so exactly',
    todo: `add ${entry} to it yourself`,
    exit: ExitCode.Usage,
  })
}
