import type { Warning } from '../../model/cluster.ts'
import { hasRole } from '../draft.ts'
import type { People } from '../people.ts'
import { datastoreOf, firstServerOf, keelAgentOf } from '../settings.ts'

/** What is odd but not wrong. */
export function warningsOf({ cluster, hosts }: People, strays: readonly string[]): Warning[] {
  const servers = hosts.filter(hasRole('server')).length
  const warnings: Warning[] = []
  if (datastoreOf(cluster.values) === 'etcd' && servers % 2 === 0) {
    const lost = servers / 2 - 1
    warnings.push({
      code: 'even-servers',
      at: cluster.source.locate([]),
      text: `${servers} servers bear the loss of ${lost}, as ${servers - 1} would: etcd needs a majority (${servers / 2 + 1} of ${servers}); use ${servers - 1} or ${servers + 1}`,
    })
  }
  if (servers > 1 && cluster.values.firstServer === undefined) {
    const first = firstServerOf(cluster, hosts)
    warnings.push({
      code: 'first-server-unsaid',
      at: cluster.source.locate([]),
      text: `'${first}' founds the cluster because its name comes first, and a new server with an earlier name would take its place: write firstServer: '${first}'`,
    })
  }
  if (keelAgentOf(cluster.values)?.rbac === 'one-role') {
    warnings.push({
      code: 'keel-agent-one-role',
      at: cluster.source.locate(['keelAgent', 'rbac']),
      text: "the keel-agent's account may approve what it requests: who gets hold of it on one node can have a certificate signed for anybody but system:masters",
    })
  }
  for (const { source, values } of hosts) {
    if (values.hostKey !== undefined) continue
    const text = `${source.subject} has no hostKey: it receives no secret and can't be deployed until \`keel add-node ${source.name}\` has enrolled it`
    warnings.push({ code: 'no-host-key', at: source.locate([]), text })
  }
  for (const name of strays) {
    warnings.push({ code: 'no-host-file', at: `hosts/${name}`, text: 'the folder has no host.ts or host.yaml, so it is no host' })
  }
  return warnings
}
