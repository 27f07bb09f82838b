import type { NixosSystem } from '../../model/cluster.ts'
import type { Finding } from '../definitions.ts'
import { type ClusterDraft, type HostDraft, isBroken } from '../draft.ts'
import { osOf } from '../settings.ts'

/**
 * `nixos` describes how a NixOS host gets its system: from a flake or a configuration. It is not valid for other hosts.
 */
export function checkNixos(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  return hosts.flatMap((host): Finding[] => {
    const { source, values } = host
    if (values.nixos === undefined || isBroken(host, 'os') || isBroken(cluster, 'defaults', 'os')) return []
    const os = osOf(host, cluster)
    if (os !== undefined && os !== 'nixos') {
      const why = `the host's os is '${os}'`
      return [{ source, path: ['nixos'], code: 'nixos-elsewhere', found: 'a NixOS system', why, todo: 'remove it' }]
    }
    const { flake, configuration } = values.nixos
    if (flake === undefined || configuration === undefined) return []
    const found = 'a flake and a configuration'
    return [
      { source, path: ['nixos'], code: 'nixos-both', found, why: 'a machine has one system', todo: 'keep one of them' },
    ]
  })
}

/** By default a flake beside the inventory, with the name of the host, built on the host. */
export function nixosOf({ source, values }: HostDraft): NixosSystem {
  const { flake, configuration, build = { on: 'target' } } = values.nixos ?? {}
  if (configuration !== undefined) return { source: { kind: 'configuration', file: configuration }, build }
  return { source: { kind: 'flake', attribute: flake?.attribute ?? source.name }, build }
}
