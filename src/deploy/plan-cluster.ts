import { type LockFile, pinnedArtifact } from '../artifacts/lock-file.ts'
import { hostStateOf } from '../desired/host-state-of.ts'
import { ExitCode, type Fault, FaultsError } from '../errors.ts'
import type { SecretName, Sha256 } from '../model/brands.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { credentialSource, secretsOf } from '../plan/credential-source.ts'
import { makePlan, type Seen } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import type { Sources } from '../plan/plan-host.ts'
import type { Transport } from '../ssh/transport.ts'
import { renderHost } from '../targets/render.ts'
import type { Rendered } from '../targets/rendered.ts'
import { type Connect, questionsFor, type Surveyed, surveyAll, targetOf } from './survey.ts'

/** What a plan needs to know of secrets: which encrypted bytes, never what they hold. */
export interface SecretSources {
  sourceDigest(name: SecretName): Promise<Sha256>
  caCertificate(): Promise<{ readonly pem: string; readonly hash: Sha256 } | undefined>
}

export interface PlanRequest {
  readonly cluster: Cluster
  readonly selected: readonly Host[]
  readonly secrets: SecretSources
  readonly lock: LockFile
  readonly connect: Connect
  readonly signal?: AbortSignal
}

/** A plan with the open connections it was made over. Dispose of it to close them. */
export interface Planned extends AsyncDisposable {
  readonly plan: Plan
  readonly caHash?: Sha256
  /** By host: what deploy needs besides the plan. */
  readonly hosts: ReadonlyMap<string, { readonly seen: Seen; readonly transport: Transport }>
}

/**
 * Asks the hosts and compares: exec 1 of a deploy, and all of `keel plan`. Writes nothing, reads no secret.
 * @throws FaultsError with every host that can't be reached (exit 6), KeelError for what the inventory lacks
 */
export async function planCluster({ cluster, selected, secrets, lock, connect, signal }: PlanRequest): Promise<Planned> {
  for (const host of selected) targetOf(host)
  const ca = await secrets.caCertificate()
  const render = (host: Host): Rendered =>
    renderHost(
      hostStateOf(cluster, host, {
        k3sFor: ({ arch }) => pinnedArtifact(lock, 'k3s', cluster.version, arch),
        ...(ca === undefined ? {} : { caCertificate: ca.pem }),
      }),
    )
  const rendered = new Map(selected.map((host) => [host.name, render(host)]))
  const sources = await sourcesByHost(rendered, secrets)
  const ask = (host: Host, of: Rendered) => ({ host, questions: questionsFor(of) })
  const others = otherServers(cluster, selected)
  const [mine, theirs] = await Promise.all([
    surveyAll(
      selected.map((host) => ask(host, rendered.get(host.name) ?? render(host))),
      connect,
      signal,
    ),
    surveyAll(
      others.map((host) => ask(host, render(host))),
      connect,
      signal,
    ),
  ])
  await Promise.all(theirs.seen.map(({ transport }) => transport.close()))
  if (mine.faults.length > 0) {
    await Promise.all(mine.seen.map(({ transport }) => transport.close()))
    throw new FaultsError(mine.faults, mine.faults[0]?.exit ?? ExitCode.Unreachable)
  }
  const hosts = mine.seen.map(({ host, facts, transport }) => {
    const state = rendered.get(host.name) ?? render(host)
    return { transport, seen: { host, facts, rendered: state, sources: sources.get(host.name) ?? {} } }
  })
  const plan = makePlan(
    cluster,
    hosts.map(({ seen }) => seen),
    theirs.seen.map(({ facts }) => facts),
    ca?.pem,
  )
  const unasked = foundingBlind(mine.seen, theirs.faults)
  return {
    plan: { ...plan, refusals: [...plan.refusals, ...unasked] },
    ...(ca === undefined ? {} : { caHash: ca.hash }),
    hosts: new Map(hosts.map((host) => [host.seen.host.name, host])),
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map(({ transport }) => transport.close()))
    },
  }
}

async function sourcesByHost(
  rendered: ReadonlyMap<string, Rendered>,
  secrets: SecretSources,
): Promise<ReadonlyMap<string, Sources>> {
  const names = new Set(
    [...rendered.values()].flatMap(({ credentials }) => credentials.flatMap(({ content }) => secretsOf(content))),
  )
  const digests = new Map(await Promise.all([...names].map(async (name) => [name, await secrets.sourceDigest(name)] as const)))
  const digestOf = (name: SecretName): Sha256 => {
    const digest = digests.get(name)
    if (digest === undefined) throw new Error(`no digest of ${name}`)
    return digest
  }
  return new Map(
    [...rendered].map(([host, { credentials }]) => [
      host,
      Object.fromEntries(credentials.map(({ id, content }) => [id, credentialSource(content, digestOf)])),
    ]),
  )
}

/** Only the founding of a cluster depends on servers that are not selected. */
function otherServers(cluster: Cluster, selected: readonly Host[]): readonly Host[] {
  if (!selected.some(({ firstServer }) => firstServer)) return []
  return cluster.hosts.filter((host) => host.role === 'server' && host.hostKey !== undefined && !selected.includes(host))
}

function foundingBlind(seen: readonly Surveyed[], unreachable: readonly Fault[]): readonly Fault[] {
  const founder = seen.find(({ host, facts }) => host.firstServer && !facts.k3s.server)
  return founder === undefined
    ? []
    : unreachable.map((fault) => ({
        code: 'founding-blind',
        at: founder.host.name,
        found: `no k3s data here, and ${fault.at ?? 'another server'} can't be asked for its own: ${fault.found}`,
        why: 'if that one has data, this host would found a second cluster beside it',
        todo: 'bring it up, or take it out of the inventory until then',
      }))
}
