import type { Cluster, Host } from '../../model/cluster.ts'
import { ofNode } from '../../model/distribution/service.ts'
import type { ForeignFileKind } from '../../probes/foreign.ts'
import { writtenPaths } from '../../targets/rendered.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { HostNote } from '../plan.ts'
import { configsOf, ownKeys, whyHarmful } from '../refusals/foreign-files.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/**
 * Foreign files that k3s reads, and that change nothing that keel decides: somebody may want them, or has forgotten
 * them. Pure.
 */
export function foreignFileNotes(cluster: Cluster, { host, rendered, facts }: SeenHost): readonly HostNote[] {
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
        why: 'k3s reads it after config.yaml, and keel does not change it',
        todo: `if nobody needs it: \`rm ${shellQuote(path)} && systemctl restart ${ofNode(rendered.services).unit}\` on the host`,
      },
    ]
  })
  return [...configs, ...fileNotes(cluster, { host, rendered, facts }), ...passwordNote({ host, rendered, facts })]
}

/** k3s's own, which it writes at each start (manifests/ in its source; `kubelet.conf.d` since 1.32). */
const ofK3s: Readonly<Partial<Record<ForeignFileKind, RegExp>>> = {
  manifest:
    /\/manifests\/(ccm|coredns|local-storage|rolebindings|runtimes|traefik|metrics-server\/[^/]+)\.yaml$|\/manifests\/metrics-server\//,
  kubelet: /\/(00-k3s-defaults|10-cli-config)\.conf$/,
}

const meaning: Readonly<Record<ForeignFileKind, string>> = {
  registries: 'k3s uses it to pull images, and the inventory has no `registries` for this host',
  manifest: 'k3s applies its contents to the cluster at each start',
  pod: 'the kubelet runs the Pods in it without the API server',
  containerd: 'k3s makes the configuration of containerd from it',
  kubelet: 'it changes the configuration of the kubelet',
  cni: 'the container runtime uses only the first one by name',
}

function fileNotes(cluster: Cluster, { host, rendered, facts }: SeenHost): readonly HostNote[] {
  const own = new Set([...writtenPaths(rendered), ...facts.generation.owned])
  const files = (facts.foreign?.files ?? []).filter(
    ({ kind, path }) => !own.has(path) && ofK3s[kind]?.test(path) !== true,
  )
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
          kind === 'manifest' || kind === 'pod' ? '' : `, then \`systemctl restart ${ofNode(rendered.services).unit}\``
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

function passwordNote({ host, rendered, facts }: SeenHost): readonly HostNote[] {
  const held = facts.foreign?.nodePassword
  if (held === undefined || held === '600 root' || held === '400 root') return []
  const [mode = '', owner = ''] = held.split(' ')
  const { nodePassword } = rendered.places
  return [
    {
      code: 'node-password-mode',
      at: host.name,
      found: `${nodePassword} has mode ${mode.padStart(4, '0')} and owner ${owner}`,
      why: 'a user who can read it can join the cluster as this node',
      todo: `\`chown root: ${nodePassword} && chmod 600 ${nodePassword}\` on the host`,
    },
  ]
}
