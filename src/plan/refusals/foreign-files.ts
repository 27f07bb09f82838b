import { isMap, parseDocument } from 'yaml'
import { k3sConfigPath } from '../../desired/k3s-config.ts'
import type { Fault } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { flagOfAlias, k3sFlags, ownedFlag } from '../../model/k3s/k3s-flags.ts'
import type { Facts } from '../../probes/facts.ts'
import type { ForeignFileKind } from '../../probes/foreign.ts'
import { type Rendered, writtenPaths } from '../../targets/rendered.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { HostNote } from '../plan.ts'

interface Asked {
  readonly host: Host
  readonly rendered: Rendered
  readonly facts: Facts
}

/** Owned by keel as a whole only where it gives a host some: more of them beside those harm nobody. */
const beside: ReadonlySet<string> = new Set(['node-label', 'node-taint', 'private-registry'])

/** Files that k3s reads after keel's config.yaml and that decide what keel decides, or that end k3s. Pure. */
export function foreignFileRefusals(cluster: Cluster, { host, rendered, facts }: Asked): readonly Fault[] {
  const own = ownKeys(rendered)
  return configsOf(rendered, facts).flatMap(({ path, keys }): Fault[] => {
    const todo = `put what it sets into the inventory, then \`mv ${shellQuote(path)} /root/ && systemctl restart ${rendered.unit}\` on the host`
    if (keys === undefined) {
      return [
        {
          code: 'foreign-config',
          at: host.name,
          found: `${path} is not from keel, and is no YAML map of options or too large for one`,
          why: 'k3s reads it after config.yaml, and ends at a file that it cannot read',
          todo: `\`mv ${shellQuote(path)} /root/\` on the host`,
        },
      ]
    }
    const harmful = keys.flatMap((key) => {
      const why = whyHarmful(cluster, host, key, own)
      return why === undefined ? [] : [{ key, why }]
    })
    if (harmful.length === 0) return []
    return [
      {
        code: 'foreign-config',
        at: host.name,
        found: `${path} is not from keel, and sets ${harmful.map(({ key }) => key).join(', ')}`,
        why: `k3s reads it after config.yaml, and the last value counts. ${harmful.map(({ key, why }) => `${key}: ${why}`).join('; ')}`,
        todo,
      },
    ]
  })
}

/** Files that k3s reads and that change nothing of what keel decides: somebody wants them, or nobody knows of them. Pure. */
export function foreignFileNotes(cluster: Cluster, { host, rendered, facts }: Asked): readonly HostNote[] {
  const { foreign } = facts
  if (foreign === undefined) return []
  const at = host.name
  const own = ownKeys(rendered)
  const configs = configsOf(rendered, facts).flatMap(({ path, keys }): HostNote[] => {
    if (keys === undefined || keys.some((key) => whyHarmful(cluster, host, key, own) !== undefined)) return []
    return [
      {
        code: 'foreign-config',
        at,
        found: `${path}: not from keel${keys.length === 0 ? '' : `; sets ${keys.join(', ')}`}`,
        why: 'k3s reads it after config.yaml, and keel leaves it alone',
        todo: `if nobody needs it: \`rm ${shellQuote(path)} && systemctl restart ${rendered.unit}\` on the host`,
      },
    ]
  })
  return [...configs, ...fileNotes(cluster, { host, rendered, facts }), ...passwordNote({ host, rendered, facts })]
}

function configsOf(rendered: Rendered, { foreign, generation }: Facts): NonNullable<Facts['foreign']>['configs'] {
  const own = new Set([...writtenPaths(rendered), ...generation.owned])
  return (foreign?.configs ?? []).filter(({ path }) => !own.has(path))
}

/** What keel writes for k3s to read; what a NixOS module says is not among it. */
function ownKeys(rendered: Rendered): ReadonlySet<string> {
  if (rendered.kind === 'system') return new Set()
  return new Set(
    rendered.files
      .filter(({ path }) => path.startsWith(k3sConfigPath))
      .flatMap(({ content }) => {
        const { contents } = parseDocument(content)
        return isMap(contents) ? contents.items.map(({ key }) => String(key)) : []
      }),
  )
}

function whyHarmful(cluster: Cluster, { role }: Host, written: string, own: ReadonlySet<string>): string | undefined {
  const appends = written.endsWith('+')
  const short = written.replace(/\+$/, '')
  const key = flagOfAlias(short) ?? short
  const owned = beside.has(key) ? undefined : ownedFlag(key)
  if (owned !== undefined) return owned
  const flag = k3sFlags[role].get(key)
  if (flag === undefined) return `\`k3s ${role}\` does not know it, and would not start`
  if (own.has(key) && !appends) return 'the inventory sets it, and this value would count instead'
  const servers = cluster.hosts.filter((host) => host.role === 'server')
  if (flag.matching && role === 'server' && servers.length > 1)
    return 'it must be the same on all servers: set it in hosts/cluster'
  return undefined
}

/** k3s's own, which it writes at each start (manifests/ in its source; `kubelet.conf.d` since 1.32). */
const ofK3s: Readonly<Partial<Record<ForeignFileKind, RegExp>>> = {
  manifest:
    /\/manifests\/(ccm|coredns|local-storage|rolebindings|runtimes|traefik|metrics-server\/[^/]+)\.yaml$|\/manifests\/metrics-server\//,
  kubelet: /\/(00-k3s-defaults|10-cli-config)\.conf$/,
}

const meaning: Readonly<Record<ForeignFileKind, string>> = {
  registries: 'k3s pulls images as it says, and the inventory has no `registries` for this host',
  manifest: 'k3s applies what is in it to the cluster at each start',
  pod: 'the kubelet runs the Pods in it without the API server',
  containerd: 'k3s makes the configuration of containerd from it',
  kubelet: 'it changes the configuration of the kubelet',
  cni: 'the container runtime takes the first one by name, and no other',
}

function fileNotes(cluster: Cluster, { host, rendered, facts }: Asked): readonly HostNote[] {
  const own = new Set([...writtenPaths(rendered), ...facts.generation.owned])
  const files = (facts.foreign?.files ?? []).filter(({ kind, path }) => !own.has(path) && ofK3s[kind]?.test(path) !== true)
  return (Object.keys(meaning) as ForeignFileKind[]).flatMap((kind): HostNote[] => {
    const paths = files.filter((file) => file.kind === kind).map(({ path }) => path)
    if (paths.length === 0 || !matters(cluster, host, kind, paths)) return []
    return [
      {
        code: `foreign-${kind}`,
        at: host.name,
        found: `${paths.slice(0, 10).join(', ')}${paths.length > 10 ? ` and ${paths.length - 10} more` : ''}: not from keel`,
        why: meaning[kind],
        todo: `if nobody needs ${paths.length === 1 ? 'it' : 'them'}: \`rm ${paths.slice(0, 10).map(shellQuote).join(' ')}\`${
          kind === 'manifest' || kind === 'pod' ? '' : `, then \`systemctl restart ${rendered.unit}\``
        } on the host`,
      },
    ]
  })
}

function matters(cluster: Cluster, host: Host, kind: ForeignFileKind, paths: readonly string[]): boolean {
  if (kind === 'manifest') return host.role === 'server'
  if (kind !== 'cni') return true
  // k3s with flannel and its own containerd has a folder of its own for this
  const server = cluster.hosts.find(({ role }) => role === 'server')
  const isRead = server?.k3s['flannel-backend'] === 'none' || host.k3s['container-runtime-endpoint'] !== undefined
  return isRead && paths.length > 1
}

function passwordNote({ host, facts }: Asked): readonly HostNote[] {
  const held = facts.foreign?.nodePassword
  if (held === undefined || held === '600 root' || held === '400 root') return []
  const [mode = '', owner = ''] = held.split(' ')
  return [
    {
      code: 'node-password-mode',
      at: host.name,
      found: `/etc/rancher/node/password has mode ${mode.padStart(4, '0')} and owner ${owner}`,
      why: 'whoever reads it can join the cluster as this node',
      todo: '`chown root: /etc/rancher/node/password && chmod 600 /etc/rancher/node/password` on the host',
    },
  ]
}
