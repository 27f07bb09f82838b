import { type Pins, readPins } from '../../artifacts/pins.ts'
import { certificatesOf, surroundingsOf } from '../../deploy/surroundings.ts'
import type { ReadSecret } from '../../deploy/tokens/credential-bytes.ts'
import type { Surroundings } from '../../desired/surroundings.ts'
import { type HostFileState, readHostFiles } from '../../generated/host-files.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { AgeIdentity } from '../../secrets/identity/identity.ts'
import type { Store } from '../../secrets/store.ts'
import type { InDirectory, Io } from './command.ts'
import { type Access, identitiesFor, openStoreFor } from './open-store.ts'

/** An inventory with its secrets and its lock file. */
export interface Workspace {
  readonly directory: string
  readonly cluster: Cluster
  readonly store: Store
  readonly pins: Pins
}

/** Loads the inventory of a command; prints its warnings. */
export async function openWorkspace(input: InDirectory, io: Io, access: Access = 'change'): Promise<Workspace> {
  const store = await openStoreFor(input, io, access)
  const { directory, cluster } = store
  for (const { at, text } of cluster.warnings) io.note(`warning: ${at}: ${text}`)
  return { directory, cluster, store, pins: await readPins(directory) }
}

/** The surroundings for rendering hosts if no machine was asked. */
export async function surroundingsFor(store: Store): Promise<Surroundings> {
  return surroundingsOf(store.cluster, await readPins(store.directory), await certificatesOf(store))
}

/** The files that keel generates for some hosts of an inventory, and what is there now. */
export function hostFilesOf(store: Store, hosts: readonly Host[]): Promise<readonly HostFileState[]> {
  return readHostFiles(store.directory, store.cluster, hosts, () => surroundingsFor(store))
}

/** Decrypts with the keys of the admin, which are read only when the first secret is needed. */
export function secretReader(store: Store, input: { readonly identity?: readonly string[] }, io: Io): ReadSecret {
  let identities: Promise<readonly AgeIdentity[]> | undefined
  return async (name) => {
    identities ??= identitiesFor(input, io)
    return store.read(name, await identities)
  }
}
