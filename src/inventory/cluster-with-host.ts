import type { Cluster } from '../model/cluster.ts'
import type { HostInput } from '../model/schema/input.ts'
import { inventoryFiles } from './read/inventory-files.ts'
import { readDefinitions } from './read/read-definitions.ts'
import { resolveCluster } from './resolve.ts'

/**
 * The cluster with these values in the file of a host. Checks everything and writes nothing.
 * @param host its name, its file, and the keys that are new in its file; without a file all keys
 * @throws FaultsError (exit 2) like `loadInventory`
 */
export async function clusterWithHost(
  directory: string,
  { name, file, input }: { readonly name: string; readonly file: string; readonly input: Partial<HostInput> },
): Promise<Cluster> {
  const definitions = await readDefinitions(directory, inventoryFiles(directory))
  const known = definitions.hosts.find((host) => host.name === name)
  const before = typeof known?.input === 'object' ? known.input : {}
  const host = {
    subject: `hosts/${name}`,
    file,
    locate: () => file,
    written: () => undefined,
    isUnread: () => false,
    ...known,
    name,
    input: { ...before, ...input },
  }
  return resolveCluster({
    ...definitions,
    hosts: [...definitions.hosts.filter((other) => other !== known), host],
    strays: definitions.strays.filter((stray) => stray !== name),
  })
}
