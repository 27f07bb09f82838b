import type { Fault } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { minorOf } from '../../model/k3s/k3s-version.ts'
import type { Facts } from '../../probes/facts.ts'

interface Asked {
  readonly host: Host
  readonly facts: Pick<Facts, 'past'>
}

/**
 * A kubelet may be this many minors older than an API server, and never newer
 * (kubernetes.io/releases/version-skew-policy).
 */
const oldestKubelet = 3

/** Whether the inventory's version is of another minor than the one this host has data of. */
export function changesMinor({ distribution: { version } }: Cluster, { past }: Pick<Facts, 'past'>): boolean {
  return past.version !== undefined && minorOf(past.version) !== minorOf(version)
}

/**
 * What Kubernetes does not allow between what runs and the inventory's version. Patches of one minor may come and go.
 * Pure.
 * @param others the servers out of this deploy that answered
 * @param silent those that did not
 */
export function versionRefusals(
  cluster: Cluster,
  selected: readonly Asked[],
  others: readonly Asked[],
  silent: readonly Fault[],
): readonly Fault[] {
  const to = minorOf(cluster.distribution.version)
  if (to === undefined) return []
  return selected.flatMap(({ host, facts }) => {
    const from = minorOf(facts.past.version ?? '')
    // an upgrade that was cut off half-way: what runs there already is nothing that this deploy brings
    if (from === to) return []
    const step = from === undefined ? [] : badStep(host, from, to)
    if (step.length > 0) return step
    const skew = others.flatMap((server) => badSkew(host, to, server))
    return [
      ...skew.slice(0, 1),
      ...(from !== undefined && from < to ? silent.slice(0, 1).map((fault) => blind(host, to, fault)) : []),
    ]
  })
}

function badStep(host: Host, from: number, to: number): readonly Fault[] {
  const at = host.name
  const found = `it runs Kubernetes 1.${from}, and the inventory wants 1.${to}`
  if (to > from + 1) {
    const why = 'Kubernetes is upgraded one minor version at a time'
    return [
      {
        code: 'version-skips',
        at,
        found,
        why,
        todo: `set version to one of 1.${from + 1}, deploy, then continue from there`,
      },
    ]
  }
  if (to >= from || host.role !== 'server') return []
  return [
    {
      code: 'version-downgrade',
      at,
      found,
      why: 'an older API server may not be able to read the data of a newer one',
      todo: `set version to one of 1.${from} or newer; to undo an upgrade, restore a snapshot from before it`,
    },
  ]
}

function badSkew({ name: at, role }: Host, to: number, { host: server, facts }: Asked): readonly Fault[] {
  const theirs = minorOf(facts.past.version ?? '')
  if (theirs === undefined) return []
  const found = `its kubelet would be of 1.${to}; ${server.name}, a server out of this deploy, runs 1.${theirs}`
  if (to > theirs) {
    const why = 'a kubelet must not be newer than an API server'
    const todo = `deploy the servers first, all in one deploy${role === 'server' ? '' : ', or everything: `keel deploy`'}`
    return [{ code: 'kubelet-newer', at, found, why, todo }]
  }
  if (to >= theirs - oldestKubelet) return []
  const why = `a kubelet may be ${oldestKubelet} minor versions older than an API server at most`
  return [{ code: 'kubelet-too-old', at, found, why, todo: `set version to one of 1.${theirs}` }]
}

function blind({ name: at }: Host, to: number, { at: server, found }: Fault): Fault {
  return {
    code: 'version-blind',
    at,
    found: `its kubelet would be 1.${to}, but the version of ${server ?? 'a server'} is not known: ${found}`,
    why: 'a kubelet must not be newer than an API server',
    todo: 'start that server, or remove it from the inventory until then',
  }
}
