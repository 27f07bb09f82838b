import { stringify } from 'yaml'
import { ExitCode, KeelError } from '../errors.ts'
import { faultPage } from '../help/faults/fault-page.ts'
import { explainedCodes, explanationOf } from '../help/faults/index.ts'
import { exampleOf } from '../help/keys/example.ts'
import { findKeys } from '../help/keys/find-keys.ts'
import { inventoryKeys, type Key } from '../help/keys/key.ts'
import { type KeyExample, keyPage } from '../help/keys/key-page.ts'
import { keyTree } from '../help/keys/key-tree.ts'
import { helpWidth } from '../help/wrap.ts'
import { typescriptLiteral } from '../inventory/typescript/typescript-literal.ts'
import { nearest } from '../model/text/nearest.ts'
import type { Command } from './shared/command.ts'
import { showPage } from './shared/show-page.ts'

export const explain: Command<{ readonly name?: string }> = {
  name: 'explain [name]',
  summary: 'describe a key of the inventory, or an error by its code; without a name, list all keys',
  options: [],
  examples: [
    ['keel explain vip.manager', 'its type, its default, where it may be written, and an example'],
    ['keel explain ssh-host-key', 'what this error means, its usual cause, and what to do'],
  ],
  exits: [],
  async run({ name }, io) {
    const keys = inventoryKeys()
    if (name === undefined) io.print(keyTree(keys, helpWidth(io)))
    else showPage(pageOf(name, keys), io)
    return ExitCode.Done
  },
}

/** A name can mean several keys, and a code, too: `network` does. */
function pageOf(name: string, keys: readonly Key[]): string {
  const [explanation, [key, ...others]] = [explanationOf(name), findKeys(name, keys)]
  if (key === undefined && explanation === undefined) throw unknown(name, keys)
  return [
    ...(key === undefined ? [] : [keyPage(key, keys, writtenExample(key, keys))]),
    ...(others.length === 0 ? [] : [`Also: ${others.map(({ path }) => `\`keel explain ${path}\``).join(', ')}\n`]),
    ...(explanation === undefined ? [] : [faultPage(name, explanation)]),
  ].join('\n')
}

const CALLS = { host: 'defineHost', cluster: 'defineCluster', secrets: 'defineSecrets' } as const

function writtenExample(key: Key, keys: readonly Key[]): KeyExample | undefined {
  const value = exampleOf(key, keys)
  return (
    value && {
      typescript: `export default ${CALLS[key.file]}(${typescriptLiteral(value)})`,
      yaml: stringify(value, { version: '1.2', schema: 'core', lineWidth: 0 }),
    }
  )
}

function unknown(name: string, keys: readonly Key[]): KeelError {
  // a word alone is not near a path: `hosts` does not mean `host.os`
  const ends = keys.flatMap(({ path }) =>
    name.includes('.') ? [path, path.slice(path.indexOf('.') + 1)] : (path.split('.').at(-1) ?? path),
  )
  const hint = nearest(name, [...explainedCodes(), ...ends])
  return new KeelError({
    code: 'no-explanation',
    found: `no key of the inventory and no error code is called ${name}`,
    todo:
      hint === undefined
        ? '`keel explain` lists the keys, `keel help errors` the codes'
        : `did you mean \`keel explain ${hint}\`?`,
    exit: ExitCode.Usage,
  })
}
