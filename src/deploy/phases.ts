import type { Deployment, HostDeployment } from './deployment.ts'
import type { ChangedValues } from './files/stage-files.ts'
import { admitPeers } from './phases/admit-peers.ts'
import { applyClusterObjects } from './phases/after/apply-cluster-objects.ts'
import { refuseStrayTokens } from './phases/after/refuse-stray-tokens.ts'
import { fetchArtifacts } from './phases/before/fetch-artifacts.ts'
import { proveTokens } from './phases/before/prove-tokens.ts'
import { readSecrets } from './phases/before/read-secrets.ts'
import { tellNotes } from './phases/before/tell-notes.ts'
import { stage } from './phases/stage.ts'
import { activate } from './phases/turn/activate.ts'
import { drainNode } from './phases/turn/drain-node.ts'
import { forgetEarlierMachine } from './phases/turn/forget-earlier-machine.ts'
import { labelNode } from './phases/turn/label-node.ts'
import { leaveKubelet } from './phases/turn/leave-kubelet.ts'
import { makeBootEntry } from './phases/turn/make-boot-entry.ts'
import { noteArrival } from './phases/turn/note-arrival.ts'
import { orTakeBack } from './phases/turn/or-take-back.ts'
import { placeCertificate } from './phases/turn/place-certificate.ts'
import { refuseOvertaken, refuseOvertakenFromHere } from './phases/turn/refuse-overtaken.ts'
import { takeTurn } from './phases/turn/take-turn.ts'
import { tellWhetherRestarted } from './phases/turn/tell-whether-restarted.ts'
import { uncordonNode } from './phases/turn/uncordon-node.ts'
import { verifyHealth } from './phases/turn/verify-health.ts'
import { withPermit } from './phases/turn/with-permit.ts'
import type { HostPhases } from './run-phases.ts'

type ClusterPhase = (deployment: Deployment) => Promise<void>

/** Once, before the first byte is written anywhere. Each throws what forbids the deploy. */
export const preparations: readonly ClusterPhase[] = [fetchArtifacts, proveTokens, tellNotes, readSecrets]

/** What happens on and for hosts, in this order. A host that fails stops those that have not had their turn. */
export const hostPhases: HostPhases<Deployment, HostDeployment, ChangedValues> = {
  /** On every host side by side. What changes is there by then, checked, and nothing uses it. */
  stage,
  /** Once, on hosts that are in the cluster already. */
  admit: admitPeers,
  /** Host after host, wave after wave. */
  turn: [
    takeTurn,
    refuseOvertaken,
    drainNode,
    leaveKubelet,
    forgetEarlierMachine,
    labelNode,
    refuseOvertakenFromHere,
    placeCertificate,
    withPermit(orTakeBack(activate, verifyHealth)),
    makeBootEntry,
    uncordonNode,
    tellWhetherRestarted,
    noteArrival,
  ],
}

/** Once, when every host is healthy. */
export const conclusions: readonly ClusterPhase[] = [refuseStrayTokens, applyClusterObjects]
