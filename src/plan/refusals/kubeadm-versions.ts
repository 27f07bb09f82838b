import type { Fault } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { isNewerVersion } from '../../model/kubernetes/newer-version.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { Facts } from '../../probes/facts.ts'
import { versionsOf } from '../host/plan-upgrade.ts'

interface Asked {
  readonly host: Host
  readonly facts: Facts
}

/**
 * What kubeadm does not do between patches of one minor, which come and go elsewhere (`versionRefusals`): it never goes
 * back, and a worker comes after the servers. Pure.
 * @param others the servers out of this deploy that answered
 */
export function kubeadmVersions(
  { distribution }: Cluster,
  selected: readonly Asked[],
  others: readonly Asked[],
): readonly Fault[] {
  if (distribution.kind !== 'kubeadm') return []
  const { version } = distribution
  const behind = others.find((server) => !isNew(server.host, server.facts) && isBehind(server, version))
  return selected.flatMap((one) => {
    if (isNew(one.host, one.facts)) return []
    const newer = versionsOf(one.facts).find((has) => isNewerVersion(has, version))
    if (newer !== undefined) return [downgrade(one.host, newer, version)]
    if (one.host.role === 'server' || behind === undefined || !isBehind(one, version)) return []
    return [tooEarly(one.host, version, behind)]
  })
}

function isBehind({ facts }: Asked, version: string): boolean {
  return versionsOf(facts).some((has) => isNewerVersion(version, has))
}

function downgrade({ name: at }: Host, has: string, wanted: string): Fault {
  return {
    code: 'version-downgrade',
    at,
    found: `it has come to Kubernetes ${has}, and the inventory wants ${wanted}`,
    why: 'kubeadm upgrades a cluster, and does not take it back',
    todo: `set \`version: '${has}'\` in hosts/cluster, or a newer one`,
  }
}

function tooEarly({ name: at }: Host, version: string, { host: server, facts }: Asked): Fault {
  return {
    code: 'kubelet-newer',
    at,
    found: `its kubelet would be of ${version}; ${server.name}, a server out of this deploy, has ${versionsOf(facts)[0]}`,
    why: 'a kubelet must not be newer than an API server',
    todo: 'deploy the servers first, or everything: `keel deploy`',
  }
}
