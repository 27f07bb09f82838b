import { familyOf, nameOfFamily } from '../../model/addresses/ip.ts'
import type { K3sValue } from '../../model/cluster.ts'
import { k3sFlags } from '../../model/k3s/k3s-flags.ts'
import { mergeOptions } from '../../model/k3s/merge-options.ts'
import type { Finding } from '../definitions.ts'
import type { ClusterDraft, HostDraft } from '../draft.ts'
import { datastoreOf, familiesOf } from '../settings.ts'
import { listed } from './listed.ts'

/** Checks options against each other, against the datastore, and on several machines. */
export function checkOptions(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  const findings = hosts.flatMap((host) => {
    const role = host.values.role
    // an option that is a fault by itself does not tell anything about others yet
    if (role === undefined || hasBroken(cluster) || hasBroken(host)) return []
    const options = mergeOptions(cluster.options, host.options, role)
    return [...checkPairs(options, cluster, host), ...checkExternalAddress(options, cluster, host)]
  })
  return [...unique(findings), ...checkSqlite(cluster, hosts), ...checkOwnOfEach(cluster, hosts)]
}

function hasBroken({ values, options }: ClusterDraft | HostDraft): boolean {
  return Object.entries(values.k3s ?? {}).some(([name, value]) => value !== undefined && !Object.hasOwn(options, name))
}

type Options = Readonly<Record<string, K3sValue>>

interface Pair {
  readonly option: string
  readonly isWrong: (options: Options) => boolean
  readonly found: string
  readonly why: string
  readonly todo: string
}

const isSaid = (options: Options, ...names: readonly string[]) => names.some((name) => options[name] !== undefined)
const S3_SETTINGS = [
  'endpoint',
  'endpoint-ca',
  'skip-ssl-verify',
  'access-key',
  'secret-key',
  'session-token',
  'bucket',
]
  .concat(['bucket-lookup-type', 'region', 'folder', 'proxy', 'insecure', 'timeout'])
  .map((name) => `etcd-s3-${name}`)

/** Options that exclude or need one another. A comment names the source in k3s. */
const PAIRS: readonly Pair[] = [
  {
    // pkg/cli/server and pkg/cli/agent: the file replaces the other value
    option: 'vpn-auth-file',
    isWrong: (options) => isSaid(options, 'vpn-auth') && isSaid(options, 'vpn-auth-file'),
    found: "both 'vpn-auth-file' and 'vpn-auth'",
    why: 'k3s uses the file and ignores the secret',
    todo: 'keep one of them',
  },
  {
    // pkg/agent/run.go
    option: 'embedded-registry',
    isWrong: (options) =>
      options['embedded-registry'] === true &&
      (options.docker === true || isSaid(options, 'container-runtime-endpoint')),
    found: "'embedded-registry' together with 'docker' or 'container-runtime-endpoint'",
    why: 'the registry of k3s needs the containerd of k3s, and k3s exits without it',
    todo: 'keep one of them',
  },
  {
    // pkg/secretsencrypt: k3s reads it only if secrets are encrypted
    option: 'secrets-encryption-provider',
    isWrong: (options) => isSaid(options, 'secrets-encryption-provider') && options['secrets-encryption'] !== true,
    found: "'secrets-encryption-provider' without 'secrets-encryption'",
    why: 'k3s encrypts nothing then',
    todo: "set 'secrets-encryption': true as well",
  },
  {
    // pkg/etcd/s3, GetClient
    option: 'etcd-s3',
    isWrong: (options) => options['etcd-s3'] === true && !isSaid(options, 'etcd-s3-bucket', 'etcd-s3-config-secret'),
    found: "'etcd-s3' without a bucket",
    why: 'k3s then uploads no snapshot',
    todo: "set 'etcd-s3-bucket', or 'etcd-s3-config-secret'",
  },
  {
    option: 'etcd-s3-config-secret',
    isWrong: (options) => isSaid(options, 'etcd-s3-config-secret') && isSaid(options, ...S3_SETTINGS),
    found: "'etcd-s3-config-secret' together with other settings of S3",
    why: 'k3s ignores the Secret if any of them is set',
    todo: 'move them into the Secret, or remove it',
  },
  {
    option: 'etcd-s3-endpoint-ca',
    isWrong: (options) => options['etcd-s3-skip-ssl-verify'] === true && isSaid(options, 'etcd-s3-endpoint-ca'),
    found: "both 'etcd-s3-endpoint-ca' and 'etcd-s3-skip-ssl-verify'",
    why: 'k3s then checks no certificate and reads no CA',
    todo: 'keep one of them',
  },
]

function checkPairs(options: Options, cluster: ClusterDraft, host: HostDraft): Finding[] {
  return PAIRS.filter(({ isWrong }) => isWrong(options)).map(({ option, found, why, todo }) => ({
    source: Object.hasOwn(host.options, option) ? host.source : cluster.source,
    path: ['k3s', option],
    code: 'k3s-together',
    found,
    why,
    todo,
  }))
}

/**
 * k3s advertises `advertise-address`, or else the first external address. kube-apiserver exits if its family is not the
 * one of the first service network.
 */
function checkExternalAddress(options: Options, cluster: ClusterDraft, host: HostDraft): Finding[] {
  const [wanted] = familiesOf(cluster.values) ?? []
  if (host.values.role !== 'server' || wanted === undefined) return []
  const option = isSaid(options, 'advertise-address') ? 'advertise-address' : 'node-external-ip'
  const [address] = [options[option] ?? []].flat()
  if (typeof address !== 'string' || familyOf(address) === wanted) return []
  return [
    {
      source: Object.hasOwn(host.options, option) ? host.source : cluster.source,
      path: ['k3s', option],
      code: 'advertised-family',
      found: `'${address}' is the advertised address of the API server, but the first networks of the cluster are ${nameOfFamily(wanted)}`,
      why: 'kube-apiserver exits if the two families differ',
      todo: `name an ${nameOfFamily(wanted)} address first`,
    },
  ]
}

/** Options that only etcd reads. With sqlite there would silently be no snapshots. */
function checkSqlite(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  if (datastoreOf(cluster.values) !== 'sqlite') return []
  return [cluster, ...hosts].flatMap(({ source, options }) =>
    Object.keys(options)
      .filter((name) => name.startsWith('etcd-'))
      .map(
        (name): Finding => ({
          source,
          path: ['k3s', name],
          part: 'key',
          code: 'k3s-sqlite',
          found: `'${name}' with sqlite`,
          why: 'only etcd reads it: k3s takes no snapshot of sqlite',
          todo: "use datastore: 'etcd', or remove it",
        }),
      ),
  )
}

/** An address or a name of one machine. If two machines have the same, it leads to only one of them. */
const OWN_OF_EACH = ['advertise-address', 'node-external-ip', 'node-internal-dns', 'node-external-dns']

function checkOwnOfEach({ source, options }: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  return OWN_OF_EACH.filter((name) => options[name] !== undefined).flatMap((name): Finding[] => {
    const takers = hosts.filter(
      (host) => !Object.hasOwn(host.options, name) && k3sFlags[host.values.role ?? 'server'].has(name),
    )
    if (takers.length < 2) return []
    return [
      {
        source,
        path: ['k3s', name],
        code: 'k3s-one-host',
        found: `'${name}' for ${listed(takers.map((host) => host.source.name))}`,
        why: 'it belongs to one machine, but all of them would use it',
        todo: 'move it to the right host',
      },
    ]
  })
}

/** Reports a fault in hosts/cluster only once, even if many hosts have it. */
function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [`${one.source.file} ${one.path.join('.')} ${one.code}`, one])).values()]
}
