import ipaddr from 'ipaddr.js'
import { KeelError } from '../../errors.ts'
import { hostNamespace, machineInterface, switchNamespace } from '../names.ts'

/** The addresses of one lab: a /24. */
export interface LabNetwork {
  readonly subnet: string
  /** This machine's address in the lab. */
  readonly machine: string
}

export interface HostAddresses {
  readonly nodeIP: string
  readonly podCIDR: string
}

/**
 * The first /24 of 10.77.0.0/16 that overlaps none of `taken` (the addresses and routes of the machine, as CIDRs).
 * @throws KeelError `lab-no-subnet`
 */
export function chooseNetwork(taken: readonly string[]): LabNetwork {
  const used = taken.filter((cidr) => ipaddr.IPv4.isValidCIDR(cidr)).map((cidr) => ipaddr.IPv4.parseCIDR(cidr))
  for (let third = 0; third < 256; third++) {
    const network = ipaddr.IPv4.parse(`10.77.${third}.0`)
    // Two networks overlap if the address with the longer prefix is in the other one. A default route overlaps
    // everything, so it does not count.
    const free = used.every(
      ([address, bits]) => bits === 0 || (bits > 24 ? !address.match(network, 24) : !network.match(address, bits)),
    )
    if (free) return { subnet: `10.77.${third}.0/24`, machine: `10.77.${third}.1` }
  }
  throw new KeelError({
    code: 'lab-no-subnet',
    found: 'every /24 of 10.77.0.0/16 overlaps an address or a route of this machine',
    todo: 'remove a lab with `keel lab down`; `keel lab status` lists them',
  })
}

/** Addresses of the host with this index (from 0). */
export function hostAddresses(network: LabNetwork, index: number): HostAddresses {
  return { nodeIP: inSubnet(network, 11 + index), podCIDR: `10.42.${1 + index}.0/24` }
}

function inSubnet({ subnet }: LabNetwork, last: number): string {
  return subnet.replace(/\.0\/24$/, `.${last}`)
}

/** The default gateway of the hosts in the lab. It answers, but forwards nothing. */
export const gatewayOf = (network: LabNetwork): string => inSubnet(network, 254)

/** Lines for `ip -batch`, and the namespace for them (absent: the machine's own). */
export interface IpBatch {
  readonly namespace?: string
  readonly lines: readonly string[]
}

/** The switch, and the machine's cable into it, which is the one interface that the lab adds to the machine. */
export function switchBatches(lab: string, network: LabNetwork): readonly IpBatch[] {
  const inside = switchNamespace(lab)
  const cable = machineInterface(lab)
  return [
    { lines: [`netns add ${inside}`] },
    {
      namespace: inside,
      lines: [
        'link set lo up',
        'link add br0 type bridge',
        // kubelet needs a default route, but the hosts must not reach other networks
        `address add ${gatewayOf(network)}/24 dev br0`,
        'link set br0 up',
      ],
    },
    {
      lines: [
        `link add ${cable} type veth peer name machine netns ${inside}`,
        `address add ${network.machine}/24 dev ${cable}`,
        `link set ${cable} up`,
      ],
    },
    { namespace: inside, lines: ['link set machine master br0 up'] },
  ]
}

export interface HostPort extends HostAddresses {
  readonly name: string
}

/**
 * The same after every boot, like a real network card, because neighbours keep it in their caches for half a minute.
 * Locally administered (02).
 */
function macAddress(ip: string): string {
  return ['02', '00', ...ip.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))].join(':')
}

/**
 * A bash script with one argument, for the supervisor of a host. `up` creates the namespace of the host, its port on
 * the switch and the routes to the Pods of the other hosts (a network plug-in for many nodes would add them). `down`
 * removes them. `up` first removes what an earlier boot left.
 */
export function hostNetworkScript(
  lab: string,
  network: LabNetwork,
  host: HostPort,
  others: readonly HostPort[],
): string {
  const outside = switchNamespace(lab)
  const inside = hostNamespace(lab, host.name)
  const batch = (namespace: string, lines: readonly string[]) =>
    `ip -n ${namespace} -batch - <<END\n${lines.join('\n')}\nEND\n`
  return `set -eu
# the port by itself: a namespace's interfaces go some time after its name
ip -n ${outside} link delete ${host.name} 2> /dev/null || true
ip netns delete ${inside} 2> /dev/null || true
[ "$1" = up ] || exit 0
ip netns add ${inside}
${batch(outside, [`link add ${host.name} type veth peer name eth0 address ${macAddress(host.nodeIP)} netns ${inside}`, `link set ${host.name} master br0 up`])}${batch(
  inside,
  [
    'link set lo up',
    `address add ${host.nodeIP}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${gatewayOf(network)}`,
    ...others
      .filter(({ name }) => name !== host.name)
      .map(({ podCIDR, nodeIP }) => `route add ${podCIDR} via ${nodeIP}`),
  ],
)}`
}
