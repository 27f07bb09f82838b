import type { HostNote, HostPlan } from '../plan.ts'
import { type ClusterView, isServer } from '../view/cluster-view.ts'
import { containerdNotes, containerdReplaced } from './containerd.ts'
import { backendNotes } from './flannel-backend.ts'
import { foreignDropIns } from './foreign-drop-ins.ts'
import { foreignFileNotes } from './foreign-files.ts'
import { foreignSettingNotes } from './foreign-settings.ts'
import { foreignUnitNotes } from './foreign-units.ts'
import { leftBehind, renamed } from './left-behind.ts'
import { noServerToSpare } from './no-server-to-spare.ts'
import { nodeMissing } from './node-missing.ts'
import { notesOfParts } from './notes-of-parts.ts'
import { unaskedObjects } from './objects-unasked.ts'
import { otherNetwork } from './other-network.ts'
import { otherPatch } from './other-patch.ts'
import { otherVersion } from './other-version.ts'
import { supportNotes } from './support.ts'
import { systemdKubeletNote } from './systemd-kubelet.ts'
import { unverifiedKubelet } from './unverified-kubelet.ts'

/**
 * Everything that a deploy does not change but a user should know, in the order in which keel reports it. Pure.
 * @param plans what would happen on the selected hosts
 */
export function notes(view: ClusterView, plans: readonly HostPlan[]): readonly HostNote[] {
  const { cluster } = view
  const selected = view.selected.seen
  return [
    ...supportNotes(view),
    ...selected.flatMap(({ host, facts }) => otherPatch(host, cluster.distribution.version, facts.past.version) ?? []),
    ...selected.flatMap(({ host, rendered, facts }) =>
      otherVersion(host, cluster.distribution.version, rendered, facts),
    ),
    ...selected.flatMap(({ host, facts: { containerd } }) =>
      cluster.distribution.kind === 'kubeadm' && containerd !== undefined
        ? containerdNotes(host, containerd, cluster.distribution)
        : [],
    ),
    ...selected.flatMap(containerdReplaced),
    ...selected.flatMap(notesOfParts),
    ...selected.flatMap((one) => [
      ...foreignUnitNotes(one),
      ...(cluster.distribution.kind === 'k3s' ? [...foreignSettingNotes(one), ...foreignFileNotes(cluster, one)] : []),
    ]),
    ...selected.flatMap(({ host, facts }) =>
      facts.services.flatMap(({ unit, dropIns }) => foreignDropIns(host.name, unit, dropIns)),
    ),
    ...backendNotes(cluster, selected.filter(isServer)),
    ...otherNetwork(selected.filter(isServer)),
    ...renamed(selected),
    ...unaskedObjects(view),
    ...leftBehind(view),
    ...nodeMissing(view),
    ...selected.flatMap(({ host, facts }) => unverifiedKubelet(cluster, host, facts)),
    ...selected.flatMap(({ host }) => systemdKubeletNote(host)),
    ...noServerToSpare(view, plans),
  ]
}
