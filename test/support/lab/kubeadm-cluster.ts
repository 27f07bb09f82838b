import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { readLab } from '../../../src/lab/description.ts'
import { Keel } from '../keel/keel.ts'
import { LabHost } from './lab-host.ts'

/** A lab of hosts for kubeadm, and an inventory of them. */
export interface KubeadmCluster {
  readonly inventory: string
  readonly keel: Keel
  /** In the order of the lab. */
  readonly hosts: readonly LabHost[]
  host(name: string): LabHost
  reboot(name: string): Promise<void>
  /** With the API server of the first server itself. */
  kubectl(...args: readonly string[]): Promise<string>
  /** `agent-1 Ready`, sorted. */
  nodes(): Promise<readonly string[]>
  down(): Promise<void>
}

/** Boots the lab and makes the inventory. First removes what a crashed run of the same test left. */
export async function kubeadmCluster(name: string, servers: number, agents: number): Promise<KubeadmCluster> {
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
    const counts = ['--servers', `${servers}`, '--agents', `${agents}`]
    const kubeadm = ['--distribution', 'kubeadm', '--identity', identity]
    await machine.expect(0, 'lab', 'up', '--name', name, ...counts, ...kubeadm)
    const inventory = join(home, 'inventory')
    const env = { HOME: home, SSH_AUTH_SOCK: undefined }
    await new Keel({ cwd: home, env }).expect(0, 'init', inventory, '--lab', name, '--yes')
    const hosts = (await readLab(name)).hosts.map((host) => new LabHost(name, host))
    const host = (wanted: string) => {
      const found = hosts.find((one) => one.name === wanted)
      if (found === undefined) throw new Error(`no host ${wanted}`)
      return found
    }
    const [first] = hosts
    const kubectl = async (...args: readonly string[]) =>
      (await first?.sh(
        `KUBECONFIG=/etc/keel/kubeadm/local.conf:/etc/kubernetes/admin.conf kubectl ${args.map((arg) => `'${arg}'`).join(' ')}`,
      )) ?? ''
    return {
      inventory,
      keel: new Keel({ cwd: inventory, env }),
      hosts,
      host,
      reboot: async (wanted) => void (await machine.expect(0, 'lab', 'reboot', wanted, '--name', name)),
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
