import { randomBytes } from 'node:crypto'
import { type LocalArtifact, localArtifact } from '../artifacts/local-artifact.ts'
import type { Cluster } from '../model/cluster.ts'
import { ofKind } from '../plan/of-kind.ts'
import type { HostPlan } from '../plan/plan.ts'
import type { PlacedArtifact } from '../targets/rendered.ts'
import type { Certifier } from './certifier.ts'
import type { Emit, Sent } from './event.ts'
import type { FilesDeployment } from './files/files-deployment.ts'
import type { RebuildPlace } from './nixos/local-rebuild.ts'
import { treeOf } from './nixos/source-tree.ts'
import type { SystemDeployment } from './nixos/system-deployment.ts'
import type { Planned } from './plan-cluster.ts'
import { Redactor } from './redact.ts'
import type { ReadSecret } from './tokens/credential-bytes.ts'

export interface RunOptions {
  readonly cluster: Cluster
  readonly readSecret: ReadSecret
  readonly certifier: Certifier
  readonly env: Readonly<Record<string, string | undefined>>
  readonly rebuild: RebuildPlace
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly parallel: number
  /** Seconds. */
  readonly patience: number
  /** Skip hosts that do not answer, if the others can continue without them. */
  readonly skipUnreachable?: boolean
  /** Called once when nothing forbids the deploy, before any of it begins; what it throws ends the deploy. */
  readonly onAccepted?: () => Promise<void>
  /** Told how far pushing to each host is. */
  readonly onSent?: (sent: Sent) => void
  /** Called once, right before the first byte that changes a host is sent. */
  readonly onFirstByte?: () => void
}

/** What deploying one host needs. */
export type HostDeployment = FilesDeployment | SystemDeployment

/** One deploy: a plan, its connections, and everything else that executing it needs. */
export interface Deployment extends RunOptions {
  readonly planned: Planned
  /** In the plan's order. */
  readonly hosts: readonly HostDeployment[]
  /** Each artifact is brought here and hashed once, however many hosts get it. */
  readonly localArtifact: (artifact: PlacedArtifact) => Promise<LocalArtifact>
}

export function deploymentOf(planned: Planned, options: RunOptions): Deployment {
  const shared = {
    localArtifact: fetchOnce(options.env, options.signal),
    redactor: new Redactor(),
    stagingId: randomBytes(8).toString('hex'),
  }
  return {
    ...options,
    planned,
    hosts: planned.plan.hosts.map((plan) => hostDeployment(plan, planned, { ...options, ...shared })),
    localArtifact: shared.localArtifact,
  }
}

type Shared = RunOptions & Pick<HostDeployment, 'localArtifact' | 'redactor' | 'stagingId'>

function hostDeployment(plan: HostPlan, { hosts, transports, trees, caHash }: Planned, shared: Shared): HostDeployment {
  const {
    cluster,
    readSecret,
    certifier,
    rebuild,
    emit,
    signal,
    patience,
    onFirstByte,
    onSent,
    localArtifact,
    redactor,
    stagingId,
  } = shared
  const asked = hosts.get(plan.host)
  if (asked === undefined) throw new Error(`${plan.host} is in the plan and was not asked`)
  const { host, facts, rendered, sources } = asked.seen
  const common = {
    ...{ cluster, host, facts, plan, transport: asked.transport, transports },
    ...{ readSecret, certifier, localArtifact, redactor, stagingId, emit, signal, patience },
    ...(caHash === undefined ? {} : { caHash }),
    ...(onFirstByte === undefined ? {} : { onFirstByte }),
    ...(onSent === undefined ? {} : { onSent }),
  }
  switch (rendered.kind) {
    case 'files':
      return { ...common, kind: 'files', rendered, sources: ofKind(sources, 'files').credentials }
    case 'system':
      return { ...common, kind: 'system', rendered, tree: treeOf(trees, rendered.host), rebuild }
  }
}

function fetchOnce(env: RunOptions['env'], signal: AbortSignal): Deployment['localArtifact'] {
  const known = new Map<string, Promise<LocalArtifact>>()
  return (artifact) => {
    const found = known.get(artifact.sha256) ?? localArtifact(artifact, env, signal)
    known.set(artifact.sha256, found)
    return found
  }
}
