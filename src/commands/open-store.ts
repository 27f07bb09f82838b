import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { findInventory, loadInventory } from '../inventory/load.ts'
import type { AgeIdentity } from '../secrets/identity/identity.ts'
import { Store } from '../secrets/store.ts'
import { recover } from '../secrets/transaction.ts'
import type { InDirectory, Io } from './command.ts'

/** The inventory that a command works on, with its secrets. What an interrupted change has left is finished or undone before anything is read. */
export async function openStoreFor({ directory: start = '.' }: InDirectory, io: Io): Promise<Store> {
  const directory = findInventory(resolve(io.cwd, start))
  const recovery = await recover(directory)
  if (recovery !== undefined) io.note(`an interrupted change of the inventory was ${recovery}`)
  const { cluster } = await loadInventory(directory)
  return new Store(directory, cluster, recovery)
}

/** What `--identity` names, or the user's own SSH keys. */
export async function identitiesFor(
  { identity = [] }: { readonly identity?: readonly string[] },
  io: Io,
): Promise<readonly AgeIdentity[]> {
  const { loadIdentities } = await import('../secrets/identity/load-identities.ts')
  return loadIdentities({ files: identity, home: io.env.HOME ?? homedir(), cwd: io.cwd, input: io })
}
