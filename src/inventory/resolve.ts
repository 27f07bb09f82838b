import { FaultsError } from '../errors.ts'
import type { Cluster } from '../model/cluster.ts'
import { assemble } from './assemble.ts'
import { checkCluster } from './check/check-cluster.ts'
import { checkDistribution } from './check/check-distribution.ts'
import { checkFiles } from './check/check-files.ts'
import { checkFirewall } from './check/check-firewall.ts'
import { checkFlatcar } from './check/check-flatcar.ts'
import { checkHosts } from './check/check-hosts.ts'
import { checkKubelet } from './check/check-kubelet.ts'
import { checkNetworkFiles } from './check/check-network-files.ts'
import { checkNixos } from './check/check-nixos.ts'
import { checkOptions } from './check/check-options.ts'
import { checkReferences } from './check/check-references.ts'
import { checkSecrets } from './check/check-secrets.ts'
import { checkSysupdate } from './check/check-sysupdate.ts'
import { checkVip } from './check/check-vip.ts'
import { deepFreeze } from './deep-freeze.ts'
import { type Definitions, type Finding, toFault } from './definitions.ts'
import { draftCluster, draftHost, draftSecrets } from './draft.ts'
import { inOrder } from './faults.ts'
import { type People, peopleOf } from './people.ts'

/**
 * Turns the user's definitions into the one Cluster that all other code uses: checked, with every default, deeply
 * frozen. Pure.
 * @param furtherChecks checks that are loaded only if the inventory needs them
 * @throws FaultsError (exit 2) with every fault of every file, each with its place
 */
export function resolveCluster(definitions: Definitions, furtherChecks: readonly Check[] = []): Cluster {
  const cluster = draftCluster(definitions.cluster)
  const secrets = draftSecrets(definitions.secrets)
  const hosts = definitions.hosts.map(draftHost)
  const people = peopleOf(cluster, secrets, hosts, definitions)
  const findings = [
    ...[secrets, cluster, ...hosts].flatMap((draft) => draft.findings),
    ...checkCluster(cluster, hosts),
    ...checkDistribution(cluster, hosts),
    ...checkHosts(cluster, secrets, hosts),
    ...checkFiles(cluster, hosts),
    ...checkNetworkFiles(people),
    ...checkSysupdate(people),
    ...checkKubelet(people),
    ...checkFlatcar(cluster, hosts),
    ...checkFirewall(cluster, hosts),
    ...checkVip(cluster, hosts),
    ...checkNixos(cluster, hosts),
    ...checkOptions(cluster, hosts),
    ...checkSecrets(people),
    ...checkReferences(people),
    ...furtherChecks.flatMap((check) => check(people)),
  ]
  if (findings.length > 0) throw new FaultsError(inOrder(findings.map(toFault)))
  return deepFreeze(assemble(people, definitions.strays))
}

export type Check = (people: People) => Finding[]
