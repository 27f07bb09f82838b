import type { Role } from '../cluster.ts'
import { numberRanges, textKinds } from './flag-kinds/flag-kinds.ts'
import type { Kind } from './flag-kinds/kind.ts'
import dump from './k3s-flags.json' with { type: 'json' }

type FlagType = 'Bool' | 'Int' | 'String' | 'StringSlice' | 'Duration'

/**
 * Flags with a secret value: never in argv, and never in plain text in the inventory. Tokens are not in the list,
 * because keel sets those itself.
 */
const SECRET_FLAGS: ReadonlySet<string> = new Set([
  'etcd-s3-access-key',
  'etcd-s3-secret-key',
  'etcd-s3-session-token',
  'vpn-auth',
])

/**
 * Documentation of k3s, "critical configuration values": servers that differ in one of them do not form one cluster.
 */
const MATCHING_FLAGS: ReadonlySet<string> = new Set([
  'cluster-dns',
  'flannel-backend',
  'flannel-ipv6-masq',
  'flannel-external-ip',
  'egress-selector-mode',
  'embedded-registry',
  'secrets-encryption',
  'disable-helm-controller',
  'disable-network-policy',
  'disable-cloud-controller',
  'disable',
])

const TOKEN = 'keel makes the tokens itself and hands them over as encrypted credentials'
const DATASTORE = 'keel runs embedded etcd or sqlite, and neither is reached with certificates of yours'
const PORTS = 'joins, health checks and the firewall use 6443'
const WHOLE_SERVER = 'a server of keel runs the whole control plane and a node'

/** Flags that keel sets, or on whose default it relies: key → why the user can't set it, and what to use instead. */
const OWNED_FLAGS: Readonly<Record<string, string>> = {
  token: TOKEN,
  'token-file': TOKEN,
  'agent-token': TOKEN,
  'agent-token-file': TOKEN,
  'datastore-endpoint':
    'it contains a password, and keel supports only embedded etcd and sqlite: use `datastore` in hosts/cluster',
  'datastore-cafile': DATASTORE,
  'datastore-certfile': DATASTORE,
  'datastore-keyfile': DATASTORE,
  'kine-tls': DATASTORE,
  config: 'keel writes /etc/rancher/k3s/config.yaml',
  server: 'the roles and `firstServer` decide which server a host joins',
  'cluster-init': '`datastore` in hosts/cluster decides it',
  'cluster-reset': 'it belongs to a restore, never to a configuration',
  'cluster-reset-restore-path': 'it belongs to a restore, never to a configuration',
  'node-name': 'a Node has the name of its host: rename the folder below hosts/',
  'with-node-id': 'a Node has the name of its host: rename the folder below hosts/',
  'node-ip': 'use `nodeIP`',
  'node-label': 'use `labels`',
  'node-taint': 'use `taints`',
  'cluster-cidr': 'use `networks.cluster` in hosts/cluster',
  'service-cidr': 'use `networks.service` in hosts/cluster',
  'cluster-domain': 'use `networks.domain` in hosts/cluster',
  'flannel-iface': 'use `network.interface`',
  'private-registry': 'use `registries`',
  'data-dir': "keel looks for k3s's data in /var/lib/rancher/k3s",
  'write-kubeconfig': 'keel looks for it in /etc/rancher/k3s/k3s.yaml',
  'https-listen-port': PORTS,
  'supervisor-port': PORTS,
  'apiserver-port': PORTS,
  rootless: "keel's units run k3s as root",
  'disable-agent': WHOLE_SERVER,
  'disable-apiserver': WHOLE_SERVER,
  'disable-controller-manager': WHOLE_SERVER,
  'disable-scheduler': WHOLE_SERVER,
  'disable-etcd': WHOLE_SERVER,
}

export interface Flag {
  readonly name: string
  readonly type: FlagType
  /** Its value may be in the inventory only as a reference. */
  readonly secret: boolean
  /** It must be equal on all servers: set in hosts/cluster, never for one host. */
  readonly matching: boolean
  /** What a text, or each text of a list, may be. Absent: the flag is of another type, or keel sets it. */
  readonly kind?: Kind
  /** The lowest and highest value of a whole number. */
  readonly range?: readonly [least: number, most: number]
}

/**
 * The flags of `k3s server` or `k3s agent` by name, the same in every minor of KNOWN_MINORS. They include the flags
 * that keel sets.
 */
export const k3sFlags: Readonly<Record<Role, ReadonlyMap<string, Flag>>> = {
  server: byName(dump.commands.server),
  agent: byName(dump.commands.agent),
}

/** Why keel sets this flag itself, if it does. */
export function ownedFlag(name: string): string | undefined {
  return Object.hasOwn(OWNED_FLAGS, name) ? OWNED_FLAGS[name] : undefined
}

/** The flag that has this short name (`t`: `token`). */
export function flagOfAlias(alias: string): string | undefined {
  const all = [...dump.commands.server, ...dump.commands.agent]
  return all.find((flag) => 'aliases' in flag && flag.aliases?.includes(alias))?.name
}

/** The flag that this environment variable sets (`K3S_URL`: `server`). */
export function flagOfVariable(variable: string): string | undefined {
  const all = [...dump.commands.server, ...dump.commands.agent]
  return all.find((flag) => 'env' in flag && flag.env?.includes(variable))?.name
}

function byName(flags: readonly { readonly name: string; readonly type: string }[]): ReadonlyMap<string, Flag> {
  return new Map(
    flags.map(({ name, type }) => {
      const [kind, range] = [textKinds[name], numberRanges[name]]
      const flag: Flag = {
        name,
        type: flagType(name, type),
        secret: SECRET_FLAGS.has(name),
        matching: MATCHING_FLAGS.has(name),
        ...(kind === undefined ? {} : { kind }),
        ...(range === undefined ? {} : { range }),
      }
      return [name, flag]
    }),
  )
}

function flagType(name: string, type: string): FlagType {
  switch (type) {
    case 'Bool':
    case 'Int':
    case 'String':
    case 'StringSlice':
    case 'Duration':
      return type
    default:
      throw new Error(`k3s-flags.json: ${name} is of unknown type ${type}`)
  }
}
