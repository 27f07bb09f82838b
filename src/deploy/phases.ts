import type { Deployment, HostDeployment } from './deployment.ts'
import type { ChangedValues } from './files/stage-files.ts'
import { activate } from './phases/activate.ts'
import { admitPeers } from './phases/admit-peers.ts'
import { applyClusterObjects } from './phases/apply-cluster-objects.ts'
import { fetchArtifacts } from './phases/fetch-artifacts.ts'
import { forgetEarlierMachine } from './phases/forget-earlier-machine.ts'
import { labelNode } from './phases/label-node.ts'
import { makeBootEntry } from './phases/make-boot-entry.ts'
import { noteArrival } from './phases/note-arrival.ts'
import { orTakeBack } from './phases/or-take-back.ts'
import { proveTokens } from './phases/prove-tokens.ts'
import { readSecrets } from './phases/read-secrets.ts'
import { refuseOvertaken, refuseOvertakenFromHere } from './phases/refuse-overtaken.ts'
import { refuseStrayTokens } from './phases/refuse-stray-tokens.ts'
import { stage } from './phases/stage.ts'
import { takeTurn } from './phases/take-turn.ts'
import { tellNotes } from './phases/tell-notes.ts'
import { tellWhetherRestarted } from './phases/tell-whether-restarted.ts'
import { verifyHealth } from './phases/verify-health.ts'
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
    forgetEarlierMachine,
    labelNode,
    refuseOvertakenFromHere,
    orTakeBack(activate, verifyHealth),
    makeBootEntry,
    tellWhetherRestarted,
    noteArrival,
  ],
}

/** Once, when every host is healthy. */
export const conclusions: readonly ClusterPhase[] = [refuseStrayTokens, applyClusterObjects]
