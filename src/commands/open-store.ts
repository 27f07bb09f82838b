import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { loadInventory } from '../inventory/load.ts'
import type { AgeIdentity } from '../secrets/identity/identity.ts'
import { loadIdentities } from '../secrets/identity/load-identities.ts'
import { openStore, type Store } from '../secrets/store.ts'
import type { InDirectory, Io } from './command.ts'

/** The secrets of the inventory that a command works on; says so when an interrupted change had to be finished or undone first. */
export async function openStoreFor({ directory = '.' }: InDirectory, io: Io): Promise<Store> {
  const inventory = await loadInventory(resolve(io.cwd, directory))
  const store = await openStore(inventory.directory, inventory.cluster)
  if (store.recovery !== undefined) io.note(`an interrupted change of the secrets was ${store.recovery}`)
  return store
}

/** What `--identity` names, or the user's own SSH keys. */
export function identitiesFor(
  { identity = [] }: { readonly identity?: readonly string[] },
  io: Io,
): Promise<readonly AgeIdentity[]> {
  return loadIdentities({ files: identity, home: io.env.HOME ?? homedir(), cwd: io.cwd, input: io })
}
