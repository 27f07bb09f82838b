import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Lab, readLab } from '../../../src/lab/description.ts'
import { Keel } from '../keel/keel.ts'
import { LabHost } from './lab-host.ts'

/** A lab for one test, an admin with a home of their own, and an inventory of the hosts. */
export interface BootedLab {
  readonly described: Lab
  /** The folder of the admin. `.ssh/id_ed25519` in it is the one key that the hosts accept and that decrypts. */
  readonly home: string
  readonly inventory: string
  /** keel in the inventory. It finds the key of the admin at the default place. */
  readonly keel: Keel
  /** In the order of the lab. */
  readonly hosts: readonly LabHost[]
  /** How long `lab up` and `init` took. */
  readonly seconds: { readonly up: number; readonly init: number }
  host(name: string): LabHost
  /** Runs `keel lab VERB` with the environment of this machine, because it may have to build what the lab runs. @returns stdout */
  lab(verb: string, ...words: readonly string[]): Promise<string>
  down(): Promise<void>
}

/**
 * Boots the lab and creates the inventory. First removes what a crashed run of the same test left.
 * @param words of `keel lab up`, without its name and identity
 */
export async function bootedLab(name: string, words: readonly string[]): Promise<BootedLab> {
  const home = await mkdtemp(join(tmpdir(), `keel-${name}-`))
  const identity = join(home, '.ssh/id_ed25519')
  await mkdir(join(home, '.ssh'), { mode: 0o700 })
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'admin', '-f', identity])
  const machine = new Keel({ cwd: home, env: {} })
  const lab = async (verb: string, ...more: readonly string[]) =>
    (await machine.expect(0, 'lab', verb, ...more, '--name', name)).stdout
  const down = async () => {
    await lab('down')
    await rm(home, { recursive: true, force: true })
  }
  try {
    await lab('down')
    const up = await machine.expect(0, 'lab', 'up', '--name', name, ...words, '--identity', identity)
    const described = await readLab(name)
    const inventory = join(home, 'inventory')
    const env = { HOME: home, SSH_AUTH_SOCK: undefined }
    const init = await new Keel({ cwd: home, env }).expect(0, 'init', inventory, '--lab', name, '--yes')
    const hosts = described.hosts.map((host) => new LabHost(name, host))
    return {
      described,
      home,
      inventory,
      keel: new Keel({ cwd: inventory, env }),
      hosts,
      seconds: { up: up.seconds, init: init.seconds },
      host(wanted) {
        const found = hosts.find((one) => one.name === wanted)
        if (found === undefined) throw new Error(`no host ${wanted}`)
        return found
      },
      lab,
      down,
    }
  } catch (error) {
    await down()
    throw error
  }
}

/** Each Node with its status, of what `kubectl get nodes --no-headers` prints, sorted: `agent-1 Ready`. */
export function nodesIn(printed: string): readonly string[] {
  return printed
    .split('\n')
    .map((line) => line.split(/\s+/).slice(0, 2).join(' '))
    .toSorted()
}
