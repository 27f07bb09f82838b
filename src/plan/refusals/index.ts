import { clusterObjectsOf } from '../../desired/cluster-objects.ts'
import { accessOf } from '../../desired/distribution/access-of.ts'
import type { Fault } from '../../errors.ts'
import { containerdUnit } from '../../model/kubeadm/containerd-unit.ts'
import type { UnitName } from '../../model/systems/unit-name.ts'
import { eachPart } from '../../parts/by-part.ts'
import { apiSeen } from '../api/api-seen.ts'
import { asRunning } from '../host/running-version.ts'
import type { Operation } from '../operation.ts'
import type { HostPlan } from '../plan.ts'
import {
  arriving,
  type ClusterView,
  isServer,
  type SelectedHost,
  serversSeen,
  silentServers,
} from '../view/cluster-view.ts'
import { unknownServers } from '../view/forgetting.ts'
import { containerdFaults, containerdReleased } from './containerd.ts'
import { deletedServerData } from './deleted-server-data.ts'
import { fixedRefusals } from './fixed-at-first-start.ts'
import { foreignFileRefusals } from './foreign-files.ts'
import { foreignObjects } from './foreign-objects.ts'
import { foreignSettingRefusals } from './foreign-settings.ts'
import { foreignUnitRefusals } from './foreign-units.ts'
import { foundingAgain, foundingBlind } from './founding.ts'
import { kubeadmVersions } from './kubeadm-versions.ts'
import { kubeletChanges } from './kubelet-changes.ts'
import { labelBlind } from './label-blind.ts'
import { plannedAddressFault } from './node-address.ts'
import { unawarePeers } from './unaware-peers.ts'
import { hostRefusals } from './unfit-host.ts'
import { versionRefusals } from './version-refusals.ts'

/**
 * Everything that forbids a deploy, in the order in which keel tells it. Pure. Two more kinds of refusals need secrets:
 * they come later, and before the first byte is written (`rotationFaults`, `unpinnedTokens`). `withoutHosts` counts
 * only where hosts that do not answer are to be skipped.
 * @param plans what would happen on the selected hosts
 */
export function refusals(view: ClusterView, plans: readonly HostPlan[]): readonly Fault[] {
  const { cluster, caCertificate } = view
  const selected = view.selected.seen
  const others = view.others.seen.filter(isServer)
  const newHosts = arriving(view)
  const operationsOf = ({ host }: SelectedHost) => plans.find((plan) => plan.host === host.name)?.operations ?? []
  const api = apiSeen(view, plans)
  const clusterLives = serversSeen(view).some(({ facts }) => facts.past.server)
  return [
    // a host by itself
    ...selected.flatMap((one) => hostRefusals(one, caCertificate)),
    ...selected.flatMap((one) => kubeletChanges(view, one)),
    ...selected.flatMap((one) =>
      cluster.distribution.kind === 'kubeadm' && one.facts.containerd !== undefined
        ? [
            ...containerdFaults(
              one.host,
              one.facts.containerd,
              cluster.distribution,
              !restarts(operationsOf(one), containerdUnit),
            ),
            ...containerdReleased(one),
          ]
        : [],
    ),
    ...selected.flatMap((one) => [
      ...foreignUnitRefusals(one),
      // options, variables and files of k3s
      ...(cluster.distribution.kind === 'k3s'
        ? [...foreignSettingRefusals(one), ...foreignFileRefusals(cluster, one)]
        : []),
    ]),
    ...newHosts.flatMap(({ host, facts }) =>
      eachPart(facts.parts, (part, seen) => part.refuseNew?.(cluster, host, seen)),
    ),
    ...selected.flatMap((one) => plannedAddressFault(cluster, one, operationsOf(one))),
    // what the cluster was founded with
    ...fixedRefusals(cluster, selected.filter(isServer)),
    ...(api?.live === undefined
      ? []
      : foreignObjects(clusterObjectsOf(cluster), api.live, api.through, accessOf(cluster))),
    // k3s on a new server compares these with a server that is in
    ...(newHosts.some(isServer) ? fixedRefusals(cluster, others) : []),
    // hosts that are new to the cluster
    ...foundingBlind(view),
    ...newHosts.flatMap((one) => deletedServerData(one, clusterLives)),
    ...foundingAgain(view),
    ...unawarePeers(
      unknownServers(view).map(({ host }) => host),
      others,
    ),
    // what only servers know
    ...labelBlind(view),
    ...kubeadmVersions(cluster, selected, others),
    ...versionRefusals(cluster, selected.map(asRunning), others.map(asRunning), silentServers(view)),
  ]
}

function restarts(operations: readonly Operation[], wanted: UnitName): boolean {
  return operations.some((operation) => operation.op === 'restart-reader' && operation.unit === wanted)
}
