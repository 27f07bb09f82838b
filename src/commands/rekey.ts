import { ExitCode } from '../errors.ts'
import { describeState } from '../secrets/describe-state.ts'
import { type Rekeyed, rekey as rekeyStore } from '../secrets/rekey.ts'
import { requireReaders } from '../secrets/seal.ts'
import type { SecretFile } from '../secrets/store.ts'
import { type Command, directory, type InDirectory, type Io, identity } from './command.ts'
import { identitiesFor, openStoreFor } from './open-store.ts'

interface Input extends InDirectory {
  readonly check?: boolean
  readonly identity?: readonly string[]
}

export const rekey: Command<Input> = {
  name: 'rekey',
  summary: 're-encrypt what is out of date with the inventory',
  options: [
    { flags: '--check', summary: 'change nothing, need no private key; exit 3 when something is out of date' },
    identity,
    directory,
  ],
  async run(input, io) {
    const store = await openStoreFor(input, io)
    if (input.check) return report(await store.inspect(), io)
    return printRekeyed(await rekeyStore(store, () => identitiesFor(input, io)), io)
  },
}

function report(files: readonly SecretFile[], io: Io): ExitCode {
  requireReaders(files.map(({ rule }) => rule))
  const wrong = files.filter(({ state }) => state.kind !== 'fresh')
  for (const file of wrong) io.print(`${file.rule.file}: ${describeState(file.state)} (${cure(file)})`)
  io.print(`${files.length - wrong.length} of ${files.length} secrets are right`)
  if (files.some(({ state }) => state.kind === 'damaged')) return ExitCode.Failed
  return wrong.length > 0 ? ExitCode.ChangesPending : ExitCode.Done
}

function cure({ rule, state }: SecretFile): string {
  if (state.kind === 'damaged') return 'bring it back from git'
  return state.kind === 'missing' && rule.generate === undefined ? `keel secret set ${rule.name}` : 'keel rekey'
}

function printRekeyed(files: readonly Rekeyed[], io: Io): ExitCode {
  for (const { rule, state, outcome } of files) {
    if (outcome === 're-encrypted') io.print(`${rule.file}: re-encrypted (was: ${describeState(state)})`)
    if (outcome === 'made') io.print(`${rule.file}: made`)
    if (outcome === 'waiting') io.print(`${rule.file}: has no value yet (keel secret set ${rule.name})`)
  }
  const count = (wanted: Rekeyed['outcome']) => files.filter(({ outcome }) => outcome === wanted).length
  io.print(
    `${count('kept')} kept, ${count('re-encrypted')} re-encrypted, ${count('made')} made, ${count('waiting')} without a value`,
  )
  return count('waiting') > 0 ? ExitCode.ChangesPending : ExitCode.Done
}
