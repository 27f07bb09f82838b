import { isMap, parseDocument } from 'yaml'
import type { Fault } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { flagOfAlias, k3sFlags, ownedFlag } from '../../model/k3s/k3s-flags.ts'
import type { Facts } from '../../probes/facts.ts'
import { type Rendered, writtenPaths } from '../../targets/rendered.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/** Owned by keel as a whole only where it gives a host some: more of them beside those harm nobody. */
const beside: ReadonlySet<string> = new Set(['node-label', 'node-taint', 'private-registry'])

/** Files that k3s reads after keel's config.yaml and that decide what keel decides, or that end k3s. Pure. */
export function foreignFileRefusals(cluster: Cluster, { host, rendered, facts }: SeenHost): readonly Fault[] {
  const own = ownKeys(rendered)
  return configsOf(rendered, facts).flatMap(({ path, keys }): Fault[] => {
    const todo = `put what it sets into the inventory, then \`mv ${shellQuote(path)} /root/ && systemctl restart ${ofNode(rendered.services).unit}\` on the host`
    if (keys === undefined) {
      return [
        {
          code: 'foreign-config',
          at: host.name,
          found: `${path} is not from keel, and is not a YAML map of options, or too large`,
          why: 'k3s reads it after config.yaml, and exits if it cannot read a file',
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

export function configsOf(
  rendered: Rendered,
  { foreign, generation }: Facts,
): NonNullable<Facts['foreign']>['configs'] {
  const own = new Set([...writtenPaths(rendered), ...generation.owned])
  return (foreign?.configs ?? []).filter(({ path }) => !own.has(path))
}

/** What keel writes for k3s to read; what a NixOS module says is not among it. */
export function ownKeys(rendered: Rendered): ReadonlySet<string> {
  if (rendered.kind === 'system') return new Set()
  return new Set(
    rendered.files
      .filter(({ path }) => path.startsWith(rendered.places.config))
      .flatMap(({ content }) => {
        const { contents } = parseDocument(content)
        return isMap(contents) ? contents.items.map(({ key }) => String(key)) : []
      }),
  )
}

export function whyHarmful(
  cluster: Cluster,
  { role }: Host,
  written: string,
  own: ReadonlySet<string>,
): string | undefined {
  const appends = written.endsWith('+')
  const short = written.replace(/\+$/, '')
  const key = flagOfAlias(short) ?? short
  const owned = beside.has(key) ? undefined : ownedFlag(key)
  if (owned !== undefined) return owned
  const flag = k3sFlags[role].get(key)
  // docs/k3s.md, Options
  if (flag === undefined)
    return role === 'agent'
      ? '`k3s agent` does not know this option, and would not start'
      : '`k3s server` does not know this option: it would ignore it, and say so only in its journal'
  if (own.has(key) && !appends) return 'the inventory sets it, but k3s would use this value'
  const servers = cluster.hosts.filter((host) => host.role === 'server')
  if (flag.matching && role === 'server' && servers.length > 1)
    return 'it must be the same on all servers: set it in hosts/cluster'
  return undefined
}
