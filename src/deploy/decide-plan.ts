import type { Surroundings } from '../desired/host-state-of.ts'
import { type Fault, plainFault } from '../errors.ts'
import type { Answers, Fleet } from '../fleet/fleet.ts'
import type { Surveyed } from '../fleet/survey.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { deletedServerData } from '../plan/data-gone.ts'
import { isNew, joinThrough } from '../plan/joining.ts'
import { makePlan, type Seen } from '../plan/make-plan.ts'
import { leftBehind } from '../plan/notes/left-behind.ts'
import type { Plan } from '../plan/plan.ts'
import type { Sources } from '../plan/plan-host.ts'
import { mayDiffer, type NodeRecord } from '../plan/plan-node.ts'
import { fixedRefusals } from '../plan/refusals/fixed-at-first-start.ts'
import { unawarePeers } from '../plan/refusals/unaware-peers.ts'
import { changesMinor, versionRefusals } from '../plan/refusals/version-refusals.ts'
import { noServerToSpare, type Reached, withoutHosts } from '../plan/refusals/without-hosts.ts'
import { asRunning } from '../plan/running-version.ts'
import { renderedOf } from '../targets/render.ts'
import type { Rendered } from '../targets/rendered.ts'
import { type Admission, admissionsOf } from './admissions.ts'
import { credentialSources, type SecretSources } from './credential-sources.ts'
import { askMembers, forgetThrough } from './members.ts'
import { type SourceTree, treeOf } from './nixos/source-tree.ts'

interface Decision {
  readonly cluster: Cluster
  readonly selected: readonly Host[]
  readonly secrets: SecretSources
  readonly ca: { readonly pem: string } | undefined
  readonly surroundings: Surroundings
  readonly render: (host: Host) => Rendered
  readonly trees: ReadonlyMap<string, SourceTree>
  readonly fleet: Fleet
  readonly signal?: AbortSignal
}

interface Decided {
  readonly plan: Plan
  readonly seen: readonly Seen[]
  readonly admissions: readonly Admission[]
  /** What forbids to deploy the hosts that answered without those that did not. */
  readonly goOn: readonly Fault[]
}

/** The plan of the selected hosts that have answered. Asks more hosts where one depends on them. */
export async function decidePlan(decision: Decision, mine: Answers): Promise<Decided> {
  const { cluster, selected, secrets, ca, surroundings, render, trees, fleet, signal } = decision
  const arriving = mine.seen.filter(({ host, facts }) => isNew(host, facts))
  const silent = mine.faults.flatMap(({ at }) => at ?? [])
  const isServer = (host: Host) => host.role === 'server'
  const isSilentServer = (name: string) => cluster.hosts.some((host) => host.name === name && isServer(host))
  // a host that is new to the cluster depends on those that are not selected: on servers, and on whoever has a firewall; a new minor, a Node's labels and
  // a server that does not answer on servers
  const others = cluster.hosts.filter((host) => host.hostKey !== undefined && !selected.includes(host))
  const relabelled = mine.seen.filter(({ host, facts }) => mayDiffer(host, facts))
  const asksServers =
    arriving.length > 0 ||
    (relabelled.length > 0 && recordingServer(mine.seen) === undefined) ||
    silent.some(isSilentServer) ||
    mine.seen.some((one) => changesMinor(cluster, asRunning(one).facts))
  const isGuarded = (host: Host) => arriving.length > 0 && !isServer(host) && host.firewall !== false
  const [theirs, guarded] = await Promise.all([
    fleet.ask(others.filter((host) => asksServers && isServer(host))),
    fleet.ask(others.filter(isGuarded)),
  ])
  const silentServers = [...theirs.faults, ...mine.faults.filter(({ at }) => at !== undefined && isSilentServer(at))]
  const servers = [...mine.seen, ...theirs.seen].filter(({ host }) => isServer(host))
  const recorder = recordingServer(servers)
  const remembered = await askMembers(servers, arriving, signal)
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
      const rendered = renderedOf(cluster, host, {
        ...surroundings,
        joinThrough: join,
        ...(host.os === 'nixos' ? {} : { vipStands }),
      })
      return {
        host,
        facts,
        rendered,
        sources: await sourcesOf(rendered, trees, secrets),
        ...forgetThrough(remembered, host, facts),
        ...(recorder === undefined ? {} : { record: recordOf(recorder, host) }),
      }
    }),
  )
  const asRendered = (one: Surveyed) => ({ ...one, rendered: render(one.host) })
  const admissions = arriving.length === 0 ? [] : admissionsOf([...mine.seen, ...theirs.seen, ...guarded.seen].map(asRendered))
  const plan = makePlan(cluster, withAdmissions(seen, arriving, admissions), ca?.pem)
  const reached: Reached = {
    cluster,
    servers,
    silent: [...silent, ...theirs.faults.flatMap(({ at }) => at ?? [])],
    ...(remembered === undefined ? {} : { members: remembered.members.etcd }),
  }
  const refusals = [
    ...plan.refusals,
    // k3s on a new server compares these with a server that is in
    ...(arriving.some(({ host }) => isServer(host)) ? fixedRefusals(cluster, theirs.seen) : []),
    ...foundingBlind(arriving, through, silentServers),
    ...arriving.flatMap(({ host, facts }) =>
      deletedServerData(
        host,
        facts,
        servers.some((one) => one.facts.k3s.server),
      ),
    ),
    ...foundingAgain(arriving, through),
    ...unawarePeers(
      seen.flatMap(({ host, facts, forgetThrough: forgets }) =>
        isServer(host) && isNew(host, facts) && forgets === undefined ? [host] : [],
      ),
      theirs.seen.map(asRendered),
    ),
    ...(recorder === undefined ? relabelled.map(unlabelled) : []),
    ...versionRefusals(cluster, mine.seen.map(asRunning), theirs.seen.map(asRunning), silentServers),
  ]
  const notes = [
    ...plan.notes,
    ...(remembered === undefined ? [] : leftBehind(cluster, remembered.members, remembered.at)),
    ...(silent.some(isSilentServer) ? noServerToSpare(reached, plan.hosts) : []),
  ]
  return {
    plan: { ...plan, refusals, notes, ...(mine.faults.length === 0 ? {} : { unreachable: mine.faults.map(plainFault) }) },
    seen,
    admissions,
    goOn: withoutHosts(reached),
  }
}

/** What a host would be made from now. @throws KeelError for a secret that has no value yet */
async function sourcesOf(rendered: Rendered, trees: ReadonlyMap<string, SourceTree>, secrets: SecretSources): Promise<Sources> {
  switch (rendered.kind) {
    case 'files':
      return { kind: 'files', credentials: await credentialSources(rendered, secrets) }
    case 'system':
      return { kind: 'system', tree: treeOf(trees, rendered.host).digest }
  }
}

/** A server whose API tells which labels and taints are keel's. */
function recordingServer(servers: readonly Surveyed[]): Surveyed | undefined {
  return servers.find(({ facts }) => facts.records !== undefined)
}

function recordOf({ host, facts }: Surveyed, { name }: Host): NodeRecord {
  const owned = facts.records?.[name]
  return { through: host.name, ...(owned === undefined ? {} : { owned }) }
}

function unlabelled({ host }: Surveyed): Fault {
  return {
    code: 'label-blind',
    at: host.name,
    found: 'its Node has other labels or taints than the inventory says, and no server tells which of them are keel’s',
    why: 'they are changed through the API',
    todo: 'bring a server up, or wait until its API answers',
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
