import { type Pins, readPins } from '../../artifacts/pins.ts'
import { certificatesOf, surroundingsOf } from '../../deploy/surroundings.ts'
import type { ReadSecret } from '../../deploy/tokens/credential-bytes.ts'
import type { Surroundings } from '../../desired/surroundings.ts'
import { type HostFileState, readHostFiles } from '../../generated/host-files.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { manifestUrls } from '../../model/kubeadm/manifest-source.ts'
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

type Getting = Pick<Io, 'env' | 'signal'>

/** The surroundings for rendering hosts if no machine was asked. */
export async function surroundingsFor(store: Store, getting: Getting): Promise<Surroundings> {
  const pins = await readPins(store.directory)
  const manifests = await manifestsFor({ cluster: store.cluster, pins }, getting)
  return surroundingsOf(store.cluster, pins, await certificatesOf(store), manifests)
}

/**
 * The texts of manifests that the inventory names by URL.
 * @throws KeelError as `pinnedManifests`
 */
export async function manifestsFor(
  { cluster: { distribution }, pins }: Pick<Workspace, 'cluster' | 'pins'>,
  { env, signal }: Getting,
): Promise<ReadonlyMap<string, string>> {
  if (manifestUrls(distribution).length === 0) return new Map()
  // most inventories name none, and then nothing here downloads
  const { pinnedManifests } = await import('../../artifacts/network-manifests.ts')
  return pinnedManifests(distribution, pins, { env, signal })
}

/** The files that keel generates for some hosts of an inventory, and what is there now. */
export function hostFilesOf(store: Store, hosts: readonly Host[], getting: Getting): Promise<readonly HostFileState[]> {
  return readHostFiles(store.directory, store.cluster, hosts, () => surroundingsFor(store, getting))
}

/** Decrypts with the keys of the admin, which are read only when the first secret is needed. */
export function secretReader(store: Store, input: { readonly identity?: readonly string[] }, io: Io): ReadSecret {
  let identities: Promise<readonly AgeIdentity[]> | undefined
  return async (name) => {
    identities ??= identitiesFor(input, io)
    return store.read(name, await identities)
  }
}
