import type { Kind, Refusal } from './kind.ts'

/**
 * `key=value`, or `key` for `key=true`, in the form in which k3s passes it to a program of Kubernetes
 * (pkg/util/args.go, GetArgs). `key+=value` and `key-=value` change k3s's own value. k3s removes leading dashes for the
 * program, but it looks for tls-min-version and tls-cipher-suites without dashes (getArgValueFromList).
 */
const FORM = /^([A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]|[A-Za-z])([+-]?)(?:=(.*))?$/s

/**
 * k3s reads the text after the `=` of these without checking that there is one, and panics (pkg/cli/server,
 * getArgValueFromList).
 */
const NEED_VALUE = new Set(['tls-min-version', 'tls-cipher-suites'])

/**
 * Flags of Kubernetes that collect their values: the slices and arrays of pflag, the maps of component-base. For all
 * other flags only the last value applies.
 */
const GATHER = new Set([
  'admission-control',
  'allowed-unsafe-sysctls',
  'api-audiences',
  'audit-log-exclude-users',
  'authorization-mode',
  'cluster-dns',
  'controllers',
  'cors-allowed-origins',
  'disable-admission-plugins',
  'enable-admission-plugins',
  'enforce-node-allocatable',
  'etcd-servers',
  'etcd-servers-overrides',
  'eviction-hard',
  'eviction-minimum-reclaim',
  'eviction-soft',
  'eviction-soft-grace-period',
  'feature-gates',
  'ipvs-exclude-cidrs',
  'kube-reserved',
  'node-labels',
  'nodeport-addresses',
  'oidc-groups-claim',
  'oidc-required-claim',
  'oidc-signing-algs',
  'qos-reserved',
  'register-with-taints',
  'requestheader-allowed-names',
  'requestheader-extra-headers-prefix',
  'requestheader-group-headers',
  'requestheader-username-headers',
  'reserved-memory',
  'runtime-config',
  'service-account-issuer',
  'service-account-key-file',
  'system-reserved',
  'tls-cipher-suites',
  'tls-sni-cert-key',
  'vmodule',
  'watch-cache-sizes',
])

const TLS_VERSIONS = ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13']

/** @param owned keys that the inventory sets in another way: key → the key of the inventory */
export function componentArg(owned: Readonly<Record<string, string>> = {}): Kind {
  return {
    allowed: 'key=value',
    read: (text) => refusalOf(text, owned) ?? text,
    identity(entry) {
      const [, key = '', sign] = FORM.exec(entry) ?? []
      return sign === '' && !GATHER.has(plain(key)) ? plain(key) : undefined
    },
  }
}

/** The flag of the program and its value: both parts of `max-pods=42`. */
export function argOf(entry: string): readonly [key: string, value: string] | undefined {
  const [, key, , value = 'true'] = FORM.exec(entry) ?? []
  return key === undefined ? undefined : [plain(key), value]
}

/** component-base reads `max_pods` as `max-pods` (cli/flag, WordSepNormalizeFunc). */
const plain = (key: string): string => key.replaceAll('_', '-')

function refusalOf(text: string, owned: Readonly<Record<string, string>>): Refusal | undefined {
  const bare = text.replace(/^-+/, '')
  if (bare !== text)
    return {
      why: 'k3s adds the dashes itself, and does not find some keys that already have them',
      todo: `write '${bare}'`,
    }
  const [, key = '', , value] = FORM.exec(text) ?? []
  if (key === '') return { why: 'k3s takes key=value: the flag of the program without dashes, and its value' }
  const name = plain(key)
  const instead = Object.hasOwn(owned, name) ? owned[name] : undefined
  if (instead !== undefined) return { why: `${name} is set from the inventory`, todo: `use ${instead}` }
  if (NEED_VALUE.has(name) && !value) return { why: `k3s exits if ${name} has no value` }
  if (name === 'tls-min-version' && !TLS_VERSIONS.includes(value ?? ''))
    return { why: `tls-min-version is one of ${TLS_VERSIONS.join(', ')}` }
  if (name === 'feature-gates' && !(value ?? '').split(',').every(isGate))
    return { why: 'the form of feature-gates is Name=true,Other=false' }
  return undefined
}

/** component-base/featuregate: a name, and a value that Go's strconv.ParseBool accepts. */
function isGate(text: string): boolean {
  return /^\s*[A-Za-z][A-Za-z0-9]*\s*=\s*(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)\s*$/.test(text)
}
