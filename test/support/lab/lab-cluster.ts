import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { LabOf } from '../../../src/lab/description.ts'
import { Keel } from '../keel/keel.ts'
import { readK3sLab } from './k3s-lab.ts'
import { LabHost } from './lab-host.ts'

/** A lab for one test, an admin with a home of their own, and an inventory of the hosts. */
export interface LabCluster {
  readonly lab: LabOf<'k3s'>
  /** The folder of the admin. `.ssh/id_ed25519` in it is the one key that the hosts accept and that decrypts. */
  readonly home: string
  readonly inventory: string
  /** keel in the inventory. It finds the key of the admin at the default place. */
  readonly keel: Keel
  host(name: string): LabHost
  /** Runs `keel lab VERB` with the environment of this machine, because it may have to build what the lab runs. */
  power(verb: 'reboot' | 'power-off' | 'start' | 'cut' | 'heal', host: string): Promise<void>
  /** The first boot of a Flatcar look-alike. @returns the host key that its console shows */
  provision(host: string, config: string): Promise<string>
  kubectl(...args: readonly string[]): Promise<string>
  /** Each Node with its status in `kubectl get nodes`, sorted: `agent-1 Ready`. */
  nodes(): Promise<readonly string[]>
  down(): Promise<void>
}

export interface LabSize {
  readonly name: string
  readonly servers?: number
  readonly agents?: number
  readonly spare?: number
  /** Hosts that are Flatcar look-alikes. They are in the inventory, and off until `provision`. */
  readonly flatcar?: readonly string[]
  /** Hosts that act as NixOS machines. */
  readonly nixos?: readonly string[]
}

/** Boots the lab and creates the inventory. First removes what a crashed run of the same test left. */
export async function labCluster({
  name,
  servers = 1,
  agents = 1,
  spare = 0,
  flatcar = [],
  nixos = [],
}: LabSize): Promise<LabCluster> {
  const home = await mkdtemp(join(tmpdir(), `keel-${name}-`))
  const identity = join(home, '.ssh/id_ed25519')
  await mkdir(join(home, '.ssh'), { mode: 0o700 })
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'admin', '-f', identity])
  const machine = new Keel({ cwd: home, env: {} })
  const down = async () => {
    await machine.expect(0, 'lab', 'down', '--name', name)
    await rm(home, { recursive: true, force: true })
  }
  try {
    await machine.expect(0, 'lab', 'down', '--name', name)
    const counts = ['--servers', `${servers}`, '--agents', `${agents}`, '--spare', `${spare}`]
    for (const one of flatcar) counts.push('--flatcar', one)
    for (const one of nixos) counts.push('--nixos', one)
    const up = await machine.expect(0, 'lab', 'up', '--name', name, ...counts, '--identity', identity)
    const lab = await readK3sLab(name)
    console.log(
      `lab of ${lab.hosts.length} hosts, k3s ${lab.k3s.version} (${lab.k3s.kind}): up in ${up.seconds.toFixed(1)} s`,
    )
    const inventory = join(home, 'inventory')
    const env = { HOME: home, SSH_AUTH_SOCK: undefined }
    await new Keel({ cwd: home, env }).expect(0, 'init', inventory, '--lab', name, '--yes')
    const hosts = new Map(lab.hosts.map((host) => [host.name, new LabHost(name, host)]))
    const host = (wanted: string) => {
      const found = hosts.get(wanted)
      if (found === undefined) throw new Error(`no host ${wanted}`)
      return found
    }
    const kubectl = (...args: readonly string[]) =>
      host('server-1').sh(`k3s kubectl ${args.map((arg) => `'${arg}'`).join(' ')}`)
    return {
      lab,
      home,
      inventory,
      keel: new Keel({ cwd: inventory, env }),
      host,
      power: async (verb, of) => void (await machine.expect(0, 'lab', verb, of, '--name', name)),
      provision: async (machineName, config) =>
        (await machine.expect(0, 'lab', 'provision', machineName, config, '--name', name)).stdout.trim(),
      kubectl,
      nodes: async () =>
        (await kubectl('get', 'nodes', '--no-headers'))
          .split('\n')
          .map((line) => line.split(/\s+/).slice(0, 2).join(' '))
          .toSorted(),
      down,
    }
  } catch (error) {
    await down()
    throw error
  }
}
