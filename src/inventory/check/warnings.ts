import type { Warning } from '../../model/cluster.ts'
import { type ClusterDraft, hasRole } from '../draft.ts'
import type { People } from '../people.ts'
import { datastoreOf, distributionOf, firstServerOf, keelAgentOf } from '../settings.ts'

/** Settings that are unusual but not wrong. */
export function warningsOf({ cluster, hosts }: People, strays: readonly string[]): Warning[] {
  const servers = hosts.filter(hasRole('server')).length
  const warnings: Warning[] = []
  if (datastoreOf(cluster.values) === 'etcd' && servers % 2 === 0) {
    const fails = servers === 2 ? 'either fails' : `${servers / 2} fail`
    warnings.push({
      code: 'even-servers',
      at: cluster.source.locate([]),
      text: `With ${servers} servers the cluster stops when ${fails} (etcd needs ${servers / 2 + 1} of ${servers}). Use ${servers - 1} or ${servers + 1}.`,
    })
  }
  if (servers > 1 && cluster.values.firstServer === undefined) {
    const first = firstServerOf(cluster, hosts)
    warnings.push({
      code: 'first-server-unsaid',
      at: cluster.source.locate([]),
      text: `'${first}' founds the cluster because its name comes first; a new server with an earlier name would replace it; write firstServer: '${first}'`,
    })
  }
  if (keelAgentOf(cluster.values)?.rbac === 'one-role') {
    warnings.push({
      code: 'keel-agent-one-role',
      at: cluster.source.locate(['keelAgent', 'rbac']),
      text: 'the account of the keel-agent may approve its own requests: an attacker with its token from one node can get a certificate for anybody except system:masters',
    })
  }
  warnings.push(...kubeadmWarnings(cluster, firstServerOf(cluster, hosts)))
  for (const { source, values } of hosts) {
    if (values.hostKey !== undefined) continue
    const text = `${source.subject} has no hostKey: keel gives it no secret and does not deploy it until you run \`keel add-node ${source.name}\``
    warnings.push({ code: 'no-host-key', at: source.locate([]), text })
  }
  for (const name of strays) {
    warnings.push({
      code: 'no-host-file',
      at: `hosts/${name}`,
      text: 'the folder has no host.ts or host.yaml, so keel ignores it',
    })
  }
  return warnings
}

function kubeadmWarnings({ source, values }: ClusterDraft, first: string | undefined): Warning[] {
  if (distributionOf(values) !== 'kubeadm') return []
  const warnings: Warning[] = []
  if (values.vip === undefined) {
    warnings.push({
      code: 'kubeadm-endpoint',
      at: source.locate([]),
      text: `without \`vip\`, '${first}' is the endpoint of the cluster for good: when it fails, no node can join and every worker loses the API`,
    })
  }
  if (values.cni === 'none') {
    warnings.push({
      code: 'kubeadm-no-cni',
      at: source.locate(['cni']),
      text: 'no Node gets Ready until you have installed a network for Pods',
    })
  }
  return warnings
}
