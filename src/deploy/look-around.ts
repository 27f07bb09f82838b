import { accessOf } from '../desired/distribution/access-of.ts'
import type { Answers, Fleet } from '../fleet/fleet.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import type { Sources } from '../plan/host/plan-host.ts'
import type { ClusterView, Answers as Seen, SeenHost, SelectedHost } from '../plan/view/cluster-view.ts'
import { withWaysIn } from '../plan/view/ways-in.ts'
import { whoToAsk } from '../plan/who-to-ask.ts'
import type { Rendered } from '../targets/rendered.ts'
import { type SourceTree, treeOf } from './nixos/source-tree.ts'
import { askMembers } from './through/members.ts'
import { credentialSources, type SecretSources } from './tokens/credential-sources.ts'

/** What a plan of some hosts is made from, besides their answers. */
export interface Surveying {
  readonly cluster: Cluster
  readonly selected: readonly Host[]
  readonly secrets: Pick<SecretSources, 'sourceDigest'>
  readonly caCertificate: string | undefined
  readonly render: (host: Host) => Rendered
  /** By NixOS host, what its system is built from. */
  readonly trees: ReadonlyMap<string, SourceTree>
  readonly fleet: Fleet
  readonly today: string
  /** `--drain`. */
  readonly drain?: boolean
  readonly signal?: AbortSignal
}

/**
 * Collects what a plan needs after the selected hosts have answered: asks the hosts that they depend on, and asks a
 * server what the cluster knows about them.
 * @throws KeelError `members-unknown`; and for a secret that has no value yet
 */
export async function lookAround(surveying: Surveying, mine: Answers): Promise<ClusterView> {
  const { cluster, selected, caCertificate, render, fleet, today, drain, signal } = surveying
  const rendered = ({ seen, faults }: Answers): Seen => ({
    seen: seen.map((one) => ({ ...one, rendered: render(one.host) })),
    faults,
  })
  const answered = rendered(mine)
  const others = rendered(await fleet.ask(whoToAsk(cluster, selected, answered)))
  const remembered = await askMembers(accessOf(cluster), { selected: answered, others }, fleet.transports, signal)
  return withWaysIn({
    cluster,
    today,
    selected: { ...answered, seen: await Promise.all(answered.seen.map((one) => withSources(one, surveying))) },
    others,
    ...(caCertificate === undefined ? {} : { caCertificate }),
    ...(remembered === undefined ? {} : { remembered }),
    ...(drain === true ? { drain } : {}),
  })
}

async function withSources(one: SeenHost, surveying: Surveying): Promise<SelectedHost> {
  return { ...one, sources: await sourcesOf(one.rendered, surveying) }
}

/** What a host would be made from now. @throws KeelError for a secret that has no value yet */
export async function sourcesOf(
  rendered: Rendered,
  { secrets, trees }: Pick<Surveying, 'secrets' | 'trees'>,
): Promise<Sources> {
  switch (rendered.kind) {
    case 'files':
      return { kind: 'files', credentials: await credentialSources(rendered, secrets) }
    case 'system':
      return { kind: 'system', tree: treeOf(trees, rendered.host).digest }
  }
}
