import type { LockFile } from '../artifacts/lock-file.ts'
import { clusterObjectsOf } from '../desired/cluster-objects.ts'
import { hostStateOf } from '../desired/host-state-of.ts'
import { ExitCode, type Fault, FaultsError } from '../errors.ts'
import type { SecretName, Sha256 } from '../model/brands.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { fixedRefusals } from '../plan/fixed-at-first-start.ts'
import { isNew, joinThrough } from '../plan/joining.ts'
import { makePlan, type Seen } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { type Sources, systemSource } from '../plan/plan-host.ts'
import { planNode } from '../plan/plan-node.ts'
import { asRunning } from '../plan/running-version.ts'
import { unawarePeers } from '../plan/unaware-peers.ts'
import { changesMinor, versionRefusals } from '../plan/version-refusals.ts'
import type { Transport } from '../ssh/transport.ts'
import { renderHost } from '../targets/render.ts'
import type { Rendered } from '../targets/rendered.ts'
import { type Admission, admissionsOf } from './admissions.ts'
import { credentialSources } from './credential-sources.ts'
import { askMembers, runningServer } from './members.ts'
import { readSourceTree, type SourceTree } from './nixos/source-tree.ts'
import { refuseUnpinnedSkip } from './refuse-unpinned-skip.ts'
import { surroundingsOf } from './surroundings.ts'
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
  /** The inventory's folder: NixOS systems are built from what lies there. */
  readonly directory: string
  readonly signal?: AbortSignal
}

/** A plan with the open connections it was made over. Dispose of it to close them. */
export interface Planned extends AsyncDisposable {
  readonly plan: Plan
  readonly caHash?: Sha256
  /** By host: what deploy needs besides the plan. */
  readonly hosts: ReadonlyMap<string, { readonly seen: Seen; readonly transport: Transport }>
  /** By host, those of servers that are not selected included: a new host may need something done there. */
  readonly transports: ReadonlyMap<string, Transport>
  /** By NixOS host, what its system is built from. */
  readonly trees: ReadonlyMap<string, SourceTree>
  /** Hosts, selected or not, that have to let new nodes in before those come. */
  readonly admissions: readonly Admission[]
}

/**
 * Asks the hosts and compares: exec 1 of a deploy, and all of `keel plan`. Writes nothing, reads no secret.
 * @throws FaultsError with every selected host that can't be reached (exit 6), KeelError for what the inventory lacks
 */
export async function planCluster(request: PlanRequest): Promise<Planned> {
  const { cluster, selected, secrets, lock, connect, directory, signal } = request
  for (const host of selected) targetOf(host)
  const ca = await secrets.caCertificate()
  const surroundings = surroundingsOf(cluster, lock, ca)
  const render = (host: Host) => renderHost(hostStateOf(cluster, host, surroundings))
  await refuseUnpinnedSkip(request, ca)
  const objects = clusterObjectsOf(cluster)
  const ask = (host: Host) => ({ host, questions: questionsFor(render(host), host.role === 'server' ? objects : undefined) })
  const trees = await sourceTrees(directory, cluster, selected, render)
  const mine = await surveyAll(selected.map(ask), connect, signal)
  const open = new Map(mine.seen.map(({ host, transport }) => [host.name as string, transport]))
  try {
    if (mine.faults.length > 0) throw new FaultsError(mine.faults, mine.faults[0]?.exit ?? ExitCode.Unreachable)
    const arriving = mine.seen.filter(({ host, facts }) => isNew(host, facts))
    // a host that is new to the cluster depends on those that are not selected: on servers, and on whoever has a firewall; a new minor and a Node's labels on servers
    const others = cluster.hosts.filter((host) => host.hostKey !== undefined && !selected.includes(host))
    const isServer = (host: Host) => host.role === 'server'
    const relabelled = mine.seen.filter(({ host, facts }) => planNode(host, facts, host.name).length > 0)
    const asksServers =
      arriving.length > 0 ||
      (relabelled.length > 0 && runningServer(mine.seen) === undefined) ||
      mine.seen.some((one) => changesMinor(cluster, asRunning(one).facts))
    const isGuarded = (host: Host) => arriving.length > 0 && !isServer(host) && host.firewall !== false
    const [theirs, guarded] = await Promise.all([
      surveyAll(others.filter((host) => asksServers && isServer(host)).map(ask), connect, signal),
      surveyAll(others.filter(isGuarded).map(ask), connect, signal),
    ])
    for (const { host, transport } of [...theirs.seen, ...guarded.seen]) open.set(host.name, transport)
    const servers = [...mine.seen, ...theirs.seen].filter(({ host }) => isServer(host))
    const labelThrough = runningServer(servers)?.host.name
    const members = await askMembers(servers, arriving, signal)
    const through = (host: Host) =>
      joinThrough(
        cluster,
        host,
        servers.map(({ facts }) => facts),
      )
    // it does already, or a server that comes earlier in this deploy brings it
    const vipStands =
      servers.some(({ facts }) => facts.vip?.manager.active === 'active') ||
      mine.seen.some(({ host, facts }) => isServer(host) && (!isNew(host, facts) || through(host) === undefined))
    const seen = await Promise.all(
      mine.seen.map(async ({ host, facts }): Promise<Seen> => {
        // a NixOS host joins as its module says, which is reviewed before it is asked
        const join = isNew(host, facts) && host.os !== 'nixos' ? through : surroundings.joinThrough
        const rendered = renderHost(
          hostStateOf(cluster, host, { ...surroundings, joinThrough: join, ...(host.os === 'nixos' ? {} : { vipStands }) }),
        )
        return {
          host,
          facts,
          rendered,
          sources: { ...(await credentialSources(rendered, secrets)), ...sourceOf(trees, host) },
          ...members(host, facts),
          ...(labelThrough === undefined ? {} : { labelThrough }),
        }
      }),
    )
    const asRendered = (one: Surveyed) => ({ ...one, rendered: render(one.host) })
    const admissions = arriving.length === 0 ? [] : admissionsOf([...mine.seen, ...theirs.seen, ...guarded.seen].map(asRendered))
    const plan = makePlan(cluster, withAdmissions(seen, arriving, admissions), ca?.pem)
    const refusals = [
      ...plan.refusals,
      // k3s on a new server compares these with a server that is in
      ...(arriving.some(({ host }) => isServer(host)) ? fixedRefusals(cluster, theirs.seen) : []),
      ...foundingBlind(arriving, through, theirs.faults),
      ...foundingAgain(arriving, through),
      ...unawarePeers(
        seen.flatMap(({ host, facts, forgetThrough }) =>
          isServer(host) && isNew(host, facts) && forgetThrough === undefined ? [host] : [],
        ),
        theirs.seen.map(asRendered),
      ),
      ...(labelThrough === undefined ? relabelled.map(unlabelled) : []),
      ...versionRefusals(cluster, mine.seen.map(asRunning), theirs.seen.map(asRunning), theirs.faults),
    ]
    return {
      plan: { ...plan, refusals },
      admissions,
      ...(ca === undefined ? {} : { caHash: ca.hash }),
      hosts: new Map(
        mine.seen.flatMap(({ host, transport }) =>
          seen.filter((one) => one.host === host).map((one) => [host.name, { seen: one, transport }] as const),
        ),
      ),
      transports: open,
      trees,
      [Symbol.asyncDispose]: () => closeAll(open),
    }
  } catch (error) {
    await closeAll(open)
    throw error
  }
}

async function sourceTrees(
  directory: string,
  cluster: Cluster,
  selected: readonly Host[],
  render: (host: Host) => Rendered,
): Promise<ReadonlyMap<string, SourceTree>> {
  const trees = selected.map(async (host) => {
    const { nixos } = render(host)
    return nixos === undefined ? [] : [[host.name, await readSourceTree(directory, cluster, host, nixos.secrets)] as const]
  })
  return new Map((await Promise.all(trees)).flat())
}

function sourceOf(trees: ReadonlyMap<string, SourceTree>, host: Host): Sources {
  const tree = trees.get(host.name)
  return tree === undefined ? {} : { [systemSource]: tree.digest }
}

function unlabelled({ host }: Surveyed): Fault {
  return {
    code: 'label-blind',
    at: host.name,
    found: 'its Node has other labels or taints than the inventory says, and no running server can be reached',
    why: 'they are changed through the API',
    todo: 'bring a server up',
  }
}

/** A wiped first server on Debian joins its own cluster again; a NixOS module says that this host founds one. */
function foundingAgain(arriving: readonly Surveyed[], through: (host: Host) => Host | undefined): readonly Fault[] {
  return arriving.flatMap(({ host }): Fault[] => {
    const other = host.os === 'nixos' && host.firstServer ? through(host) : undefined
    if (other === undefined) return []
    return [
      {
        code: 'founding-again',
        at: host.name,
        found: `no k3s data here, and ${other.name} has the cluster's`,
        why: 'its module says that it founds the cluster: it would be a second one',
        todo: `write \`firstServer: '${other.name}'\` into hosts/cluster, then \`keel rekey\`, \`keel render\` and deploy again`,
      },
    ]
  })
}

async function closeAll(transports: ReadonlyMap<string, Transport>): Promise<void> {
  await Promise.all([...transports.values()].map((transport) => transport.close()))
}

/** What is done on hosts out of the deploy stands in the plan of the new host that comes first. */
function withAdmissions(seen: readonly Seen[], arriving: readonly Surveyed[], admissions: readonly Admission[]): readonly Seen[] {
  const selected = new Set(seen.map(({ host }) => host.name))
  const admitThrough = admissions.map(({ host }) => host.name).filter((name) => !selected.has(name))
  if (admitThrough.length === 0) return seen
  return seen.map((one) => (one.host.name === arriving[0]?.host.name ? { ...one, admitThrough } : one))
}

/** The first server may found the cluster only when it is known that no other has one. */
function foundingBlind(
  arriving: readonly Surveyed[],
  through: (host: Host) => Host | undefined,
  unreachable: readonly Fault[],
): readonly Fault[] {
  const founder = arriving.find(({ host }) => host.firstServer && through(host) === undefined)
  if (founder === undefined) return []
  return unreachable.map((fault) => ({
    code: 'founding-blind',
    at: founder.host.name,
    found: `no k3s data here, and ${fault.at ?? 'another server'} can't be asked for its own: ${fault.found}`,
    why: 'if that one has data, this host would found a second cluster beside it',
    todo: 'bring it up, or take it out of the inventory until then',
  }))
}
