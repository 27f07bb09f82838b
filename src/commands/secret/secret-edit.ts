import { ExitCode, KeelError } from '../../errors.ts'
import { requireReaders } from '../../secrets/seal.ts'
import { unseal } from '../../secrets/unseal.ts'
import { editInMemory } from '../../terminal/edit-in-memory.ts'
import { type Command, directory, type InDirectory, type Io, identity } from '../shared/command.ts'
import { identitiesFor, openStoreFor } from '../shared/open-store.ts'
import { storeValue } from './store-value.ts'

interface Input extends InDirectory {
  readonly name: string
  readonly identity?: readonly string[]
}

export const edit: Command<Input> = {
  name: 'secret edit <name>',
  summary: 'edit the value of a secret with $VISUAL or $EDITOR, in memory only',
  options: [identity, directory],
  examples: [
    ['keel secret edit wifi', 'open the value in your editor; encrypt it when you save'],
    ['keel secret edit wifi -i ~/keys/age.txt', 'with the keys of an age identity file'],
  ],
  exits: [ExitCode.Locked],
  async run(input, io) {
    const store = await openStoreFor(input, io)
    const rule = store.rule(input.name)
    requireReaders([rule])
    const before = await store.snapshot()
    const file = before.files.get(rule.file)
    // a secret without a value yet needs no private key
    const old =
      file === undefined ? Buffer.alloc(0) : await unseal(rule, file, await identitiesFor(input, io), store.nameOf)
    let text: Uint8Array = old
    for (;;) {
      const edited = await editInMemory({ env: io.env, name: rule.name, text })
      if (edited.equals(old)) {
        io.note(`${rule.file}: unchanged`)
        return ExitCode.Done
      }
      try {
        await storeValue(store, rule, Buffer.from(edited), io, before)
        return ExitCode.Done
      } catch (error) {
        if (!(await wantsAnother(error, io))) throw error
        text = edited
      }
    }
  },
}

/**
 * The edited text must not be lost because of a typing error, a full disk or another keel: the user fixes the problem
 * and saves again.
 */
async function wantsAnother(error: unknown, io: Io): Promise<boolean> {
  if (!(error instanceof KeelError)) return false
  if (error.exit !== ExitCode.Usage && error.code !== 'secrets-not-written' && error.code !== 'secrets-locked')
    return false
  const answer = await io.ask(`${error.message}\nEdit it again? (yes/no) `)
  return answer?.trim().toLowerCase() === 'yes'
}
