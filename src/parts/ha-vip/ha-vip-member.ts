import { familyOf } from '../../model/addresses/ip.ts'
import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Host, Json, VirtualIp } from '../../model/cluster.ts'
import type { WholeCluster } from '../../model/servers-of.ts'
import { type AwaitedAddress, awaitedAddress } from '../awaited-address.ts'

/** Where the manager's own peers talk; nothing of it has a default of its own. */
const port = 7946

/** ha-vip run by the host, or by Kubernetes where the inventory names its image. */
type HaVipForm = 'external' | 'in-cluster'

function haVipForm({ image }: VirtualIp): HaVipForm {
  return image === undefined ? 'external' : 'in-cluster'
}

/** A server's part in it: its configuration, and where the address is. */
export interface HaVipMember {
  readonly form: HaVipForm
  readonly address: string
  readonly interface: string
  /** The words of the command that asks the API for its token. */
  readonly kubectl: readonly string[]
  readonly config: Json
  /** Absent where a deploy does not wait for the address. */
  readonly awaited?: AwaitedAddress
}

/** Where the files that only the host makes are: the token, the key. On a tmpfs. */
export const haVipFolder = '/run/ha-vip'

export function haVipMemberOf({ cluster, servers, access }: WholeCluster, host: Host): HaVipMember | undefined {
  const { vip } = cluster
  if (vip?.manager !== 'ha-vip' || host.role !== 'server') return undefined
  const form = haVipForm(vip)
  const awaited = awaitedAddress(cluster, vip, { hint: howToStart[form] })
  return {
    form,
    address: vip.address,
    interface: vip.interface ?? '',
    kubectl: access.kubectl,
    config: haVipConfig(servers, vip, host, haVipFolder, access.ca),
    ...(awaited === undefined ? {} : { awaited }),
  }
}

/** keel has neither its program nor its key. */
const howToStart: Readonly<Record<HaVipForm, string>> = {
  external: 'start ha-vip on this host: systemctl enable --now keel-ha-vip.timer ha-vip.service',
  'in-cluster': 'the Pods ha-vip in kube-system need the Secret that `/etc/ha-vip/keel-ha-vip secret` makes',
}

/**
 * ha-vip's configuration for one server as a value. The token is never in it: in a Pod it is mounted, on a host the
 * host puts it in.
 */
export function haVipConfig(servers: readonly Host[], vip: VirtualIp, host: Host, folder: string, ca = ''): Json {
  const reachedAt = (server: Host) =>
    nodeAddresses(server).find((one) => familyOf(one) === familyOf(vip.address)) ?? server.address.host
  const peers = servers.filter(({ name }) => name !== host.name).map((server) => withPort(reachedAt(server)))
  const inCluster = haVipForm(vip) === 'in-cluster'
  return {
    node_id: host.name,
    // in its documentation the highest wins, in its code the lowest: so this follows the code, in the order of the
    // inventory
    priority: 1 + servers.findIndex(({ name }) => name === host.name),
    interface: vip.interface ?? '',
    vip: vip.address,
    port,
    peers,
    heartbeat_interval: 1,
    election_timeout: 3,
    tls_cert: `${folder}/tls.crt`,
    tls_key: `${folder}/tls.key`,
    k8s: {
      enabled: true,
      in_cluster: inCluster,
      api_server: inCluster ? '' : 'https://127.0.0.1:6443',
      token: '',
      // an empty one would have it trust anybody
      ca_cert: inCluster ? '' : ca,
    },
  }
}

function withPort(address: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
