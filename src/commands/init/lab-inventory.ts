import { pathToFileURL } from 'node:url'
import { sysextHash } from '../../artifacts/local-artifact.ts'
import { noPins } from '../../artifacts/pins.ts'
import { readLab } from '../../lab/description.ts'
import type { Sha256 } from '../../model/brands.ts'
import { parseK3sVersion } from '../../model/k3s/k3s-version.ts'
import type { HostInput } from '../../model/schema/input.ts'
import type { NewInventory } from './new-inventory.ts'

/** A new inventory from the description of a lab. Its spare hosts are left for `keel add-node`. */
export async function labInventory(name: string, env: Readonly<Record<string, string | undefined>>) {
  const lab = await readLab(name, env)
  const { arch, path, sha256 } = lab.k3s
  const version = parseK3sVersion(lab.k3s.version)
  const program = { url: pathToFileURL(path).href, sha256: sha256 as Sha256 }
  const isFlatcar = lab.hosts.some(({ os }) => os === 'flatcar')
  const image = isFlatcar ? { sysext: await sysextHash({ name: 'k3s', version, arch, ...program }, env) } : {}
  const hosts = lab.hosts.flatMap((host): (readonly [string, HostInput])[] => {
    const { role, os, arch, address, hostKey, nodeIP } = host
    return role === 'spare'
      ? []
      : [
          [
            host.name,
            {
              os,
              role,
              arch,
              address,
              ...(hostKey === undefined ? {} : { hostKey }),
              nodeIP,
              ...(os === 'nixos' ? { nixos: { configuration: configurationOf(host.name) } } : {}),
            },
          ],
        ]
  })
  const standIns = lab.hosts.filter(({ role, os }) => role !== 'spare' && os === 'nixos')
  const found: Pick<NewInventory, 'name' | 'version' | 'hosts' | 'k3s' | 'pins' | 'files'> = {
    name: lab.name,
    version,
    hosts: new Map(hosts),
    // agents get those options of the servers that they know
    k3s: { ...lab.k3sOptions.agent, ...lab.k3sOptions.server },
    files: new Map(standIns.map((host) => [configurationOf(host.name), standInConfiguration])),
    pins: { ...noPins, artifacts: { k3s: { [version]: { [arch]: { ...program, ...image } } } } },
  }
  return { ...found, adminKeyFile: `${lab.identity}.pub` }
}

const configurationOf = (host: string) => `hosts/${host}/configuration.nix`

/**
 * The file that the owner of a NixOS machine would write, for a host that acts as one. It disables the graceful
 * shutdown that keel's module enables, because a host of the lab has no logind, and the kubelet of the look-alike has
 * its own configuration file.
 */
const standInConfiguration = `{ ... }:
{
  imports = [ <agenix/modules/age.nix> ./k3s.nix ];
  services.openssh.enable = true;
  services.k3s.gracefulNodeShutdown.enable = false;
}
`
