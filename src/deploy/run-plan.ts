import { randomBytes } from 'node:crypto'
import { type LocalArtifact, localArtifact } from '../artifacts/local-artifact.ts'
import { clusterObjectsOf } from '../desired/cluster-objects.ts'
import { serversOf } from '../desired/servers-of.ts'
import { ExitCode, FaultsError, plainFault } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { ofKind } from '../plan/of-kind.ts'
import type { HostPlan } from '../plan/plan.ts'
import { nodeAddressFault } from '../plan/refusals/node-address.ts'
import type { Transport } from '../ssh/transport.ts'
import type { PlacedArtifact } from '../targets/rendered.ts'
import { admitAll } from './admissions.ts'
import { strayAgentTokens } from './agent-tokens.ts'
import { applyObjects } from './apply-objects.ts'
import { credentialBytes, type ReadSecret } from './credential-bytes.ts'
import { deployCluster } from './deploy-cluster.ts'
import type { Emit } from './event.ts'
import { type HostDeployment, stagingOf } from './host-deployment.ts'
import type { RebuildPlace } from './nixos/local-rebuild.ts'
import { treeOf } from './nixos/source-tree.ts'
import { noteArrival } from './note-arrival.ts'
import { unpinnedTokens } from './pinned-tokens.ts'
import type { Planned } from './plan-cluster.ts'
import { Redactor } from './redact.ts'
import { rotationFaults } from './refuse-rotation.ts'
import { stageHost } from './stage-host.ts'
import { switchHost } from './switch-host.ts'

export interface RunOptions {
  readonly cluster: Cluster
  readonly readSecret: ReadSecret
  readonly env: Readonly<Record<string, string | undefined>>
  readonly rebuild: RebuildPlace
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly parallel: number
  /** Seconds. */
  readonly patience: number
  /** Hosts that do not answer are left behind, where the others can go on without them. */
  readonly skipUnreachable?: boolean
  /** Called once, right before the first byte that changes a host is sent. */
  readonly onFirstByte?: () => void
}

/**
 * Executes a plan over the connections it was made on. Artifacts are fetched, secrets decrypted and changed tokens found out before anything is
 * written anywhere.
 * @throws FaultsError for a plan that is refused, or for hosts that do not answer; KeelError for an artifact or a secret that can't be had
 */
export async function runPlan(planned: Planned, options: RunOptions): Promise<ExitCode> {
  const { unreachable } = planned
  refuseUnreachable(planned, options)
  try {
    const exit = await deployReached(planned, options)
    return exit === ExitCode.Done && unreachable.length > 0 ? ExitCode.Unreachable : exit
  } finally {
    for (const fault of unreachable) options.emit({ event: 'behind', host: fault.at ?? '', fault: plainFault(fault) })
  }
}

/** Before anything is written anywhere. @throws FaultsError with every host that can't be reached (exit 6) */
function refuseUnreachable({ unreachable, goOn, hosts }: Planned, { skipUnreachable = false }: RunOptions): void {
  const [first] = unreachable
  if (first === undefined) return
  if (!skipUnreachable || hosts.size === 0) throw new FaultsError(unreachable, first.exit)
  if (goOn.length > 0) throw new FaultsError([...unreachable, ...goOn], first.exit)
}

async function deployReached(planned: Planned, options: RunOptions): Promise<ExitCode> {
  const { plan, hosts, transports, trees, admissions, caHash } = planned
  const { cluster, readSecret, env, rebuild, emit, signal, parallel, patience } = options
  if (plan.refusals.length > 0) throw new FaultsError(plan.refusals, ExitCode.Failed)
  const fetched = fetchOnce(env, signal)
  const rotationsOf = async (hostPlan: HostPlan) => {
    const host = hosts.get(hostPlan.host)
    return host === undefined ? [] : rotationFaults(cluster, { ...host, plan: hostPlan }, readSecret, signal)
  }
  for (const { operations, host } of plan.hosts) {
    const rendered = hosts.get(host)?.seen.rendered
    if (rendered?.kind !== 'files' || !operations.some(({ op }) => op === 'push-artifact')) continue
    for (const artifact of rendered.artifacts) await fetched(artifact)
  }
  const faults = [
    ...(caHash === undefined ? [] : await unpinnedTokens(cluster, plan.hosts, caHash, readSecret)),
    ...(await Promise.all(plan.hosts.map((hostPlan) => rotationsOf(hostPlan)))).flat(),
  ]
  if (faults.length > 0) throw new FaultsError(faults, ExitCode.Failed)
  const built = plan.hosts.filter(({ operations }) => operations.some(({ op }) => op === 'switch-system')).map(({ host }) => host)
  for (const note of plan.notes) {
    // which k3s a system has that is about to be built, only the build knows
    const isForBuild = note.code === 'nixos-other-patch' && built.includes(note.at)
    if (!isForBuild) emit({ event: 'note', host: note.at, note })
  }
  await readAll(planned, readSecret)
  const redactor = new Redactor()
  const stagingId = randomBytes(8).toString('hex')
  const deploymentOf = (hostPlan: HostPlan): HostDeployment => {
    const host = hosts.get(hostPlan.host)
    if (host === undefined) throw new Error(`${hostPlan.host} is in the plan and was not asked`)
    const { rendered, sources } = host.seen
    const shared = {
      host: host.seen.host,
      facts: host.seen.facts,
      transport: host.transport,
      transports,
      readSecret,
      localArtifact: fetched,
      redactor,
      patience,
      stagingId,
      emit,
      signal,
      plan: hostPlan,
      addressFault: (held: readonly string[]) => nodeAddressFault(cluster, host.seen.host, held),
      ...(caHash === undefined ? {} : { caHash }),
      ...(options.onFirstByte === undefined ? {} : { onFirstByte: options.onFirstByte }),
    }
    switch (rendered.kind) {
      case 'files':
        return { ...shared, kind: 'files', rendered, sources: ofKind(sources, 'files').credentials }
      case 'system':
        return { ...shared, kind: 'system', rendered, tree: treeOf(trees, rendered.host), rebuild }
    }
  }
  const stagedOn = (name: string) => {
    const host = hosts.get(name)
    return host === undefined ? undefined : stagingOf({ rendered: host.seen.rendered, stagingId })
  }
  const exit = await deployCluster({
    plan,
    emit,
    parallel,
    signal,
    ...(admissions.length === 0 ? {} : { beforeSwitch: () => admitAll(admissions, signal, stagedOn) }),
    stageHost: (hostPlan) => stageHost(deploymentOf(hostPlan)),
    switchHost: async (hostPlan, changed) => {
      const deployment = deploymentOf(hostPlan)
      await switchHost(deployment, changed)
      await noteArrival(deployment, transportsOf(serversOf(cluster), transports))
    },
  })
  if (exit !== ExitCode.Done) return exit
  const changed = plan.hosts.filter(({ role, operations }) => role === 'server' && operations.length > 0)
  const servers = changed.flatMap(({ host: name }) => {
    const host = hosts.get(name)
    return host === undefined ? [] : [{ name, rendered: host.seen.rendered, transport: host.transport }]
  })
  const strays = servers.length === 0 ? [] : await strayAgentTokens(cluster, servers, readSecret, signal)
  if (strays.length > 0) throw new FaultsError(strays, ExitCode.Failed)
  await applyObjects({ wanted: clusterObjectsOf(cluster), plan: plan.objects, transports, emit, patience, signal })
  return exit
}

function transportsOf(hosts: readonly Host[], transports: Planned['transports']): readonly Transport[] {
  return hosts.flatMap(({ name }) => transports.get(name) ?? [])
}

/** What can't be decrypted is found out before the first host is touched. @throws KeelError as `readSecret` */
async function readAll({ plan, hosts }: Planned, readSecret: ReadSecret): Promise<void> {
  for (const { host, operations } of plan.hosts) {
    const rendered = hosts.get(host)?.seen.rendered
    // a built system has its secrets from agenix
    if (rendered?.kind !== 'files') continue
    const stored = new Set(operations.flatMap((operation) => (operation.op === 'store-credential' ? [operation.id] : [])))
    for (const { id, content } of rendered.credentials) if (stored.has(id)) await credentialBytes(content, readSecret)
    if (rendered.foundation !== undefined && operations.some(({ op }) => op === 'place-ca'))
      await readSecret(rendered.foundation.key)
  }
}

/** Each artifact is brought here and hashed once, however many hosts get it. */
function fetchOnce(env: RunOptions['env'], signal: AbortSignal): (artifact: PlacedArtifact) => Promise<LocalArtifact> {
  const known = new Map<string, Promise<LocalArtifact>>()
  return (artifact) => {
    const found = known.get(artifact.sha256) ?? localArtifact(artifact, env, signal)
    known.set(artifact.sha256, found)
    return found
  }
}
