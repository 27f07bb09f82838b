import { buffer } from 'node:stream/consumers'
import { ExitCode } from '../errors.ts'
import { describeState } from '../secrets/readers/describe-state.ts'
import { strayFiles } from '../secrets/readers/stray-files.ts'
import { requireReaders } from '../secrets/seal.ts'
import type { SecretFile } from '../secrets/store.ts'
import { timed } from '../ui/run/lines.ts'
import { visible } from '../ui/visible.ts'
import type { ListedSecret, ListedSecrets } from './secret/listed-secrets.ts'
import { edit } from './secret/secret-edit.ts'
import { importSecret } from './secret/secret-import.ts'
import { storeValue } from './secret/store-value.ts'
import { type Command, directory, type InDirectory, identity, json } from './shared/command.ts'
import { identitiesFor, openStoreFor } from './shared/open-store.ts'

interface Named extends InDirectory {
  readonly name: string
}

const show: Command<Named & { readonly identity?: readonly string[] }> = {
  name: 'secret show <name>',
  summary: 'print the value of a secret to stdout, byte for byte',
  options: [identity, directory],
  examples: [
    ['keel secret show k3s-server-token', 'print it with one of your SSH keys'],
    ['keel secret show wifi -i ~/keys/age.txt', 'print it with the keys of an age identity file'],
  ],
  exits: [],
  async run(input, io) {
    const store = await openStoreFor(input, io, 'look')
    const rule = store.rule(input.name)
    const value = await store.read(rule.name, await identitiesFor(input, io))
    // a pipe gets every byte; a terminal gets no control characters, because anybody who knows an admin's public key
    // can encrypt to it
    io.stdout.write(io.stdout.isTTY ? visible(Buffer.from(value).toString()) : value)
    // on a terminal the prompt needs a line of its own; a program gets only the bytes
    if (io.stdout.isTTY && value.at(-1) !== 0x0a) io.stdout.write('\n')
    return ExitCode.Done
  },
}

const set: Command<Named> = {
  name: 'secret set <name>',
  summary: 'encrypt stdin as the value of a secret; needs no private key',
  options: [directory],
  examples: [
    ['keel secret set wifi < wifi.txt', 'encrypt the bytes of a file'],
    ['keel secret set registry-password', 'type the value, hidden'],
  ],
  exits: [ExitCode.Locked],
  async run(input, io) {
    const store = await openStoreFor(input, io)
    const rule = store.rule(input.name)
    requireReaders([rule])
    const given = io.stdin.isTTY
      ? Buffer.from((await io.ask(`${rule.name}: `, { hidden: true })) ?? '')
      : await buffer(io.stdin)
    await storeValue(store, rule, given, io)
    return ExitCode.Done
  },
}

const ls: Command<InDirectory & { readonly json?: boolean }> = {
  name: 'secret ls',
  summary: 'list the secrets, their readers, and whether their files are up to date',
  options: [json, directory],
  examples: [
    ['keel secret ls', 'every secret with its readers and its state'],
    ['keel secret ls --json', 'the same, for a program'],
  ],
  exits: [],
  async run(input, io) {
    const store = await openStoreFor(input, io, 'look')
    const files = await store.inspect()
    if (input.json) io.print(timed({ secrets: files.map(toJson) } satisfies ListedSecrets))
    else for (const file of files) io.print(toLine(file))
    for (const file of await strayFiles(store.directory, store.cluster.secrets))
      io.note(`warning: ${file}: belongs to no secret of the inventory`)
    return ExitCode.Done
  },
}

/** Commander knows a verb of a verb by its whole name. */
export const secretVerbs: readonly Command<never>[] = [show, set, edit, importSecret, ls]

function toJson({ rule, state }: SecretFile): ListedSecret {
  const readers = rule.readers.map(({ kind, name }) => ({ kind, name }))
  return { name: rule.name, file: rule.file, readers, state: state.kind, detail: describeState(state) }
}

function toLine({ rule, state }: SecretFile): string {
  return `${rule.name}  ${rule.file}  ${describeState(state)}\n  ${rule.readers.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`
}
