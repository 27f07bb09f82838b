import type { LabOf } from '../../../src/lab/description.ts'
import { type BootedLab, bootedLab, nodesIn } from './booted-lab.ts'
import { readK3sLab } from './k3s-lab.ts'

/** A lab of hosts for k3s, and an inventory of them. */
export interface LabCluster extends Pick<BootedLab, 'home' | 'inventory' | 'keel' | 'host' | 'down'> {
  readonly lab: LabOf<'k3s'>
  power(verb: 'reboot' | 'power-off' | 'start' | 'cut' | 'heal', host: string): Promise<void>
  /** The first boot of a Flatcar look-alike. @returns the host key that its console shows */
  provision(host: string, config: string): Promise<string>
  kubectl(...args: readonly string[]): Promise<string>
  /** `kubectl apply`. */
  apply(object: object): Promise<void>
  /** Each Node with its status in `kubectl get nodes`, sorted: `agent-1 Ready`. */
  nodes(): Promise<readonly string[]>
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

/** Boots the lab and creates the inventory. */
export async function labCluster({
  name,
  servers = 1,
  agents = 1,
  spare = 0,
  flatcar = [],
  nixos = [],
}: LabSize): Promise<LabCluster> {
  const counts = ['--servers', `${servers}`, '--agents', `${agents}`, '--spare', `${spare}`]
  for (const one of flatcar) counts.push('--flatcar', one)
  for (const one of nixos) counts.push('--nixos', one)
  const { home, inventory, keel, seconds, host, lab: run, down } = await bootedLab(name, counts)
  const lab = await readK3sLab(name)
  console.log(
    `lab of ${lab.hosts.length} hosts, k3s ${lab.k3s.version} (${lab.k3s.kind}): up in ${seconds.up.toFixed(1)} s`,
  )
  const kubectl = (...args: readonly string[]) =>
    host('server-1').sh(`k3s kubectl ${args.map((arg) => `'${arg}'`).join(' ')}`)
  return {
    lab,
    home,
    inventory,
    keel,
    host,
    power: async (verb, of) => void (await run(verb, of)),
    provision: async (machineName, config) => (await run('provision', machineName, config)).trim(),
    kubectl,
    apply: async (object) => void (await host('server-1').sh('k3s kubectl apply -f -', JSON.stringify(object))),
    nodes: async () => nodesIn(await kubectl('get', 'nodes', '--no-headers')),
    down,
  }
}
