import type { Cluster, SecretRule } from '../../model/cluster.ts'
import { AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { kubeadmSecrets } from '../../model/kubeadm/pki.ts'
import type { FileState } from './staleness.ts'

/**
 * Re-encryption removes a reader from the file. The reader still knows the value, and the old file is in git.
 * @returns one sentence for each secret with a removed reader, with what to rotate
 */
export function warnRemoved(
  cluster: Cluster,
  files: readonly { readonly rule: SecretRule; readonly state: FileState }[],
): readonly string[] {
  return files.flatMap(({ rule, state }) =>
    state.kind === 'stale' && state.extra.length > 0
      ? [`${rule.name}: ${state.extra.join(', ')} could read it and may have kept it; ${rotation(cluster, rule)}`]
      : [],
  )
}

function rotation({ distribution }: Cluster, { name }: SecretRule): string {
  const secrets = distribution.kind === 'k3s' ? distribution.secrets : undefined
  if (name === secrets?.serverToken)
    return 'rotate the server token (`keel help secrets`, "Rotate secrets after removing a reader")'
  if (name === secrets?.agentToken)
    return 'rotate the agent token (`keel help secrets`, "Rotate secrets after removing a reader")'
  if (name === secrets?.ca)
    return 'rotate the cluster\'s server CA (`keel help secrets`, "Rotate secrets after removing a reader")'
  if (distribution.kind === 'kubeadm' && kubeadmSecrets.includes(name))
    return 'keel cannot replace it in a running cluster: if that reader must not have it, build a new cluster'
  if (name === AGENT_CA_KEY)
    return 'replace the CA of the keel-agents (`keel help secrets`, "Rotate secrets after removing a reader")'
  return `change it where it is used, then \`keel secret set ${name}\` and \`keel deploy\``
}
