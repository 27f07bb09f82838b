import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { recover } from '../../files/transaction/replace-files.ts'
import { findInventory } from '../../inventory/find-inventory.ts'
import { loadInventory } from '../../inventory/load.ts'
import type { AgeIdentity } from '../../secrets/identity/identity.ts'
import { Store } from '../../secrets/store.ts'
import type { InDirectory, Io } from './command.ts'
import { interruptedChange } from './interrupted-change.ts'

/** `look`: the command writes nothing into the inventory, whatever it finds there. */
export type Access = 'look' | 'change'

/**
 * The inventory of a command, with its secrets. A command that changes it first finishes or undoes what an interrupted
 * change has left.
 */
export async function openStoreFor(
  { directory: start = '.' }: InDirectory,
  io: Io,
  access: Access = 'change',
): Promise<Store> {
  const directory = findInventory(resolve(io.cwd, start))
  const recovery = access === 'change' ? await recover(directory) : undefined
  if (recovery !== undefined) io.note(`an interrupted change of the inventory was ${recovery}`)
  const left = access === 'look' ? await interruptedChange(directory) : undefined
  if (left !== undefined) io.note(`warning: ${left.text}`)
  const { cluster } = await loadInventory(directory, access)
  return new Store(directory, cluster, recovery)
}

/** The keys that `--identity` names, or the user's own SSH keys. */
export async function identitiesFor(
  { identity = [] }: { readonly identity?: readonly string[] },
  io: Io,
): Promise<readonly AgeIdentity[]> {
  const { loadIdentities } = await import('../../secrets/identity/load-identities.ts')
  return loadIdentities({ files: identity, home: io.env.HOME ?? homedir(), cwd: io.cwd, input: io })
}
