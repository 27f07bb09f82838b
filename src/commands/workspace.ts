import { resolve } from 'node:path'
import { type LockFile, readLockFile } from '../artifacts/lock-file.ts'
import type { ReadSecret } from '../deploy/credential-bytes.ts'
import { type Inventory, loadInventory } from '../inventory/load.ts'
import { loadIdentities } from '../secrets/identity/load-identities.ts'
import { openStore, type Store } from '../secrets/store.ts'
import type { InDirectory, Io } from './command.ts'

/** An inventory with what lies beside it. */
export interface Workspace extends Inventory {
  readonly store: Store
  readonly lock: LockFile
}

/** Loads the inventory a command works on; prints its warnings. */
export async function openWorkspace(input: InDirectory, io: Io): Promise<Workspace> {
  const inventory = await loadInventory(resolve(io.cwd, input.directory ?? '.'))
  for (const { at, text } of inventory.cluster.warnings) io.note(`warning: ${at}: ${text}`)
  const [store, lock] = await Promise.all([openStore(inventory.directory, inventory.cluster), readLockFile(inventory.directory)])
  return { ...inventory, store, lock }
}

/** Decrypts with the admin's keys, which are read only when the first secret is needed. */
export function secretReader(store: Store, input: { readonly identity?: readonly string[] }, io: Io): ReadSecret {
  let identities: ReturnType<typeof loadIdentities> | undefined
  return async (name) => {
    identities ??= loadIdentities({ files: input.identity ?? [], home: io.env.HOME ?? '/', cwd: io.cwd })
    return store.read(name, await identities)
  }
}
