import { applyClusterObjects } from './apply-objects.ts'
import type { Deployment } from './deployment.ts'
import { fetchArtifacts } from './fetch-artifacts.ts'
import { activate } from './host/activate.ts'
import { makeBootEntry } from './host/make-boot-entry.ts'
import { orTakeBack } from './host/or-take-back.ts'
import { refuseOvertaken, refuseOvertakenFromHere } from './host/refuse-overtaken.ts'
import { stage } from './host/stage.ts'
import { takeTurn } from './host/take-turn.ts'
import { tellWhetherRestarted } from './host/tell-whether-restarted.ts'
import { verifyHealth } from './host/verify-health.ts'
import type { HostDeployment } from './host-deployment.ts'
import { proveTokens } from './prove-tokens.ts'
import { readSecrets } from './read-secrets.ts'
import { refuseStrayTokens } from './refuse-stray-tokens.ts'
import type { HostPhases } from './run-phases.ts'
import type { ChangedValues } from './stage-files.ts'
import { tellNotes } from './tell-notes.ts'
import { admitPeers } from './through/admit-peers.ts'
import { forgetEarlierMachine } from './through/forget-earlier-machine.ts'
import { labelNode } from './through/label-node.ts'
import { noteArrival } from './through/note-arrival.ts'

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
