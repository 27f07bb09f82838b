import { pathToFileURL } from 'node:url'
import type { Env } from '../../artifacts/env.ts'
import { sysextHash } from '../../artifacts/local-artifact.ts'
import { ownBinary } from '../../artifacts/own-binary.ts'
import { noPins, type Pins } from '../../artifacts/pins.ts'
import { carriedFolder } from '../../carried.ts'
import type { Lab, LabOf } from '../../lab/description.ts'
import type { Sha256 } from '../../model/brands.ts'
import type { Arch } from '../../model/cluster.ts'
import { parseK3sVersion } from '../../model/k3s/k3s-version.ts'
import { NODE_ARTIFACT, nodeVersion } from '../../model/keel-agent/agent-program.ts'
import type { HostInput } from '../../model/schema/input.ts'
import { labKubernetes } from './lab-kubernetes.ts'
import type { NewInventory } from './new-inventory.ts'

type Found = Pick<NewInventory, 'name' | 'version' | 'hosts' | 'k3s' | 'pins' | 'files'>

/** A new inventory from the description of a lab. Its spare hosts are left for `keel add-node`. */
export async function labInventory(
  lab: Lab,
  env: Env,
  signal: AbortSignal,
): Promise<Found & { readonly adminKeyFile: string }> {
  const common = { name: lab.name, hosts: hostsOf(lab), adminKeyFile: `${lab.identity}.pub` }
  if (lab.distribution === 'k3s') return { ...common, ...(await withK3s(lab, env)) }
  const { version, arch } = lab.kubernetes
  const pins = await labKubernetes(lab.kubernetes, env, signal)
  const node = await ownNode({ arch, isImage: true, env })
  return { ...common, version, pins: { ...pins, artifacts: { ...pins.artifacts, ...node } } }
}

function hostsOf(lab: Lab): Found['hosts'] {
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
  return new Map(hosts)
}

async function withK3s(lab: LabOf<'k3s'>, env: Env): Promise<Omit<Found, 'name' | 'hosts'>> {
  const { arch, path, sha256 } = lab.k3s
  const version = parseK3sVersion(lab.k3s.version)
  const program = { url: pathToFileURL(path).href, sha256: sha256 as Sha256 }
  const isFlatcar = lab.hosts.some(({ os }) => os === 'flatcar')
  const image = isFlatcar ? { sysext: await sysextHash({ name: 'k3s', version, arch, ...program }, env) } : {}
  const standIns = lab.hosts.filter(({ role, os }) => role !== 'spare' && os === 'nixos')
  return {
    version,
    // agents get those options of the servers that they know
    k3s: { ...lab.k3sOptions.agent, ...lab.k3sOptions.server },
    files: new Map(standIns.map((host) => [configurationOf(host.name), standInConfiguration])),
    pins: {
      ...noPins,
      artifacts: {
        k3s: { [version]: { [arch]: { ...program, ...image } } },
        ...(await ownNode({ arch, isImage: isFlatcar, env })),
      },
    },
  }
}

/**
 * The Node that runs keel, for the keel-agent: the lab needs no network. None if it has another version than the one
 * that the agent gets, and in keel's executable, which is no Node for others.
 */
async function ownNode({ arch, isImage, env }: { arch: Arch; isImage: boolean; env: Env }): Promise<Pins['artifacts']> {
  if (process.version !== nodeVersion || carriedFolder('dist') === undefined) return {}
  const program = await ownBinary(process.execPath)
  const artifact = { name: NODE_ARTIFACT, version: nodeVersion, arch, ...program }
  const image = isImage ? { sysext: await sysextHash(artifact, env) } : {}
  return { [NODE_ARTIFACT]: { [nodeVersion]: { [arch]: { ...program, ...image } } } }
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
