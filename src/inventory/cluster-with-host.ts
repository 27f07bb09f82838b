import type { Cluster } from '../model/cluster.ts'
import type { HostInput } from '../model/input.ts'
import { readDefinitions } from './load.ts'
import { resolveCluster } from './resolve.ts'

/**
 * The cluster as it will be once a host's file says this: all of it checked, nothing written.
 * @param host its name, and the keys that are new in its file; without a file all of them
 * @throws FaultsError (exit 2) as `loadInventory`
 */
export async function clusterWithHost(
  directory: string,
  { name, input }: { readonly name: string; readonly input: Partial<HostInput> },
): Promise<Cluster> {
  const definitions = await readDefinitions(directory)
  const file = `hosts/${name}/host.ts`
  const known = definitions.hosts.find((host) => host.name === name)
  const before = typeof known?.input === 'object' ? known.input : {}
  const host = { subject: `hosts/${name}`, locate: () => file, ...known, name, input: { ...before, ...input } }
  return resolveCluster({
    ...definitions,
    hosts: [...definitions.hosts.filter((other) => other !== known), host],
    strays: definitions.strays.filter((stray) => stray !== name),
  })
}
