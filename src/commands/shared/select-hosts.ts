import { ExitCode, type Fault, FaultsError } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { nearest } from '../../model/text/nearest.ts'

/**
 * The hosts named on the command line, or all.
 * @throws FaultsError with every unknown name and the nearest known one
 */
export function selectHosts(cluster: Cluster, names: readonly string[]): readonly Host[] {
  const known = cluster.hosts.map(({ name }) => name as string)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new FaultsError(
      unknown.map((name) => unknownHost(name, known)),
      ExitCode.Usage,
    )
  return names.length === 0 ? cluster.hosts : cluster.hosts.filter(({ name }) => names.includes(name))
}

function unknownHost(name: string, known: readonly string[]): Fault {
  const hint = nearest(name, known)
  return {
    code: 'unknown-host',
    found: `no host ${name} in the inventory`,
    todo: hint === undefined ? `it has ${known.join(', ')}` : `did you mean ${hint}?`,
  }
}

/** The one host of this name. @throws FaultsError as `selectHosts` */
export function selectHost(cluster: Cluster, name: string): Host {
  const [host] = selectHosts(cluster, [name])
  if (host === undefined) throw new TypeError(`no host ${name}`)
  return host
}
