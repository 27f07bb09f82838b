import { type LocalArtifact, localArtifact } from '../artifacts/artifact-cache.ts'
import type { Artifact } from '../desired/host-state.ts'
import { ExitCode, FaultsError } from '../errors.ts'
import type { Cluster } from '../model/cluster.ts'
import type { HostPlan } from '../plan/plan.ts'
import type { ReadSecret } from './credential-bytes.ts'
import { deployCluster } from './deploy-cluster.ts'
import { deployHost } from './deploy-host.ts'
import type { Emit } from './event.ts'
import { unpinnedTokens } from './pinned-tokens.ts'
import type { Planned } from './plan-cluster.ts'
import { Redactor } from './redact.ts'
import { rotationFaults } from './refuse-rotation.ts'

export interface RunOptions {
  readonly cluster: Cluster
  readonly readSecret: ReadSecret
  readonly env: Readonly<Record<string, string | undefined>>
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly parallel: number
  /** Seconds. */
  readonly patience: number
  /** Called once, right before the first byte that changes a host is sent. */
  readonly onFirstByte?: () => void
}

/**
 * Executes a plan over the connections it was made on. Artifacts are fetched and changed tokens found out before anything is written anywhere.
 * @throws FaultsError for a plan that is refused; KeelError for an artifact or a secret that can't be had
 */
export async function runPlan(planned: Planned, options: RunOptions): Promise<ExitCode> {
  const { plan, hosts, caHash } = planned
  const { cluster, readSecret, env, emit, signal, parallel, patience } = options
  if (plan.refusals.length > 0) throw new FaultsError(plan.refusals, ExitCode.Failed)
  const fetched = fetchOnce(env, signal)
  const rotationsOf = async (hostPlan: HostPlan) => {
    const host = hosts.get(hostPlan.host)
    return host === undefined ? [] : rotationFaults(cluster, { ...host, plan: hostPlan }, readSecret)
  }
  for (const { operations, host } of plan.hosts) {
    if (operations.some(({ op }) => op === 'push-artifact'))
      for (const artifact of hosts.get(host)?.seen.rendered.artifacts ?? []) await fetched(artifact)
  }
  const faults = [
    ...(caHash === undefined ? [] : await unpinnedTokens(cluster, plan.hosts, caHash, readSecret)),
    ...(await Promise.all(plan.hosts.map((hostPlan) => rotationsOf(hostPlan)))).flat(),
  ]
  if (faults.length > 0) throw new FaultsError(faults, ExitCode.Failed)
  const redactor = new Redactor()
  return deployCluster({
    plan,
    emit,
    parallel,
    signal,
    deployHost: async (hostPlan) => {
      const host = hosts.get(hostPlan.host)
      if (host === undefined) return
      await deployHost({
        ...host,
        plan: hostPlan,
        readSecret,
        localArtifact: fetched,
        redactor,
        patience,
        emit,
        signal,
        ...(caHash === undefined ? {} : { caHash }),
        ...(options.onFirstByte === undefined ? {} : { onFirstByte: options.onFirstByte }),
      })
    },
  })
}

/** Each artifact is brought here and hashed once, however many hosts get it. */
function fetchOnce(env: RunOptions['env'], signal: AbortSignal): (artifact: Artifact) => Promise<LocalArtifact> {
  const known = new Map<string, Promise<LocalArtifact>>()
  return (artifact) => {
    const found = known.get(artifact.sha256) ?? localArtifact(artifact, env, signal)
    known.set(artifact.sha256, found)
    return found
  }
}
