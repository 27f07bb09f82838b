import type { Pins } from '../artifacts/pins.ts'
import { clusterObjectsOf } from '../desired/cluster-objects.ts'
import type { Fault } from '../errors.ts'
import { type Answers, Fleet, type HostFault } from '../fleet/fleet.ts'
import { type Connect, questionsFor } from '../fleet/survey.ts'
import { targetOf } from '../fleet/target-of.ts'
import type { Sha256 } from '../model/brands.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import type { Seen } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import type { Transport } from '../ssh/transport.ts'
import { renderedOf } from '../targets/render.ts'
import type { Rendered } from '../targets/rendered.ts'
import type { Admission } from './admissions.ts'
import type { SecretSources } from './credential-sources.ts'
import { decidePlan } from './decide-plan.ts'
import { readSourceTree, type SourceTree } from './nixos/source-tree.ts'
import { refuseUnpinnedSkip } from './refuse-unpinned-skip.ts'
import { surroundingsOf } from './surroundings.ts'

export interface PlanRequest {
  readonly cluster: Cluster
  readonly selected: readonly Host[]
  readonly secrets: SecretSources
  readonly pins: Pins
  readonly connect: Connect
  /** The inventory's folder: NixOS systems are built from what lies there. */
  readonly directory: string
  readonly signal?: AbortSignal
  /** Told the names of the hosts that have not answered yet, whenever they change. */
  readonly onWaiting?: (names: readonly string[]) => void
  /** Given the plan of the hosts that have answered, when others let wait for theirs. Once, and for a person to read. */
  readonly onPartial?: (plan: Plan) => void
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
  /** The selected hosts that did not answer: in none of the above. */
  readonly unreachable: readonly HostFault[]
  /** What forbids to deploy the others without them. */
  readonly goOn: readonly Fault[]
}

/**
 * Asks the hosts and compares: exec 1 of a deploy, and all of `keel plan`. Writes nothing, reads no secret. A host that does not answer stands in
 * `unreachable`, and the plan is of the others.
 * @throws KeelError for what the inventory lacks
 */
export async function planCluster(request: PlanRequest): Promise<Planned> {
  const { cluster, selected, secrets, pins, connect, directory, signal, onWaiting, onPartial } = request
  for (const host of selected) targetOf(host)
  const ca = await secrets.caCertificate()
  const surroundings = surroundingsOf(cluster, pins, ca)
  const render = (host: Host) => renderedOf(cluster, host, surroundings)
  await refuseUnpinnedSkip(request, ca)
  const objects = clusterObjectsOf(cluster)
  const speaker = selected.find(({ role }) => role === 'server')
  const questions = (host: Host) => ({
    ...questionsFor(render(host), host.role === 'server' ? objects : undefined),
    // one answer is enough
    ...(host === speaker ? { members: true } : {}),
  })
  const trees = await sourceTrees(directory, cluster, selected, render)
  const fleet = new Fleet({
    questions,
    connect,
    ...(signal === undefined ? {} : { signal }),
    ...(onWaiting === undefined ? {} : { onWaiting }),
  })
  const decide = (mine: Answers) => decidePlan({ ...request, ca, surroundings, render, trees, fleet }, mine)
  try {
    const mine = await fleet.ask(selected, async (some) => onPartial?.((await decide(some)).plan))
    const { plan, seen, admissions, goOn } = await decide(mine)
    return {
      plan,
      admissions,
      unreachable: mine.faults,
      goOn,
      ...(ca === undefined ? {} : { caHash: ca.hash }),
      hosts: new Map(
        mine.seen.flatMap(({ host, transport }) =>
          seen.filter((one) => one.host === host).map((one) => [host.name, { seen: one, transport }] as const),
        ),
      ),
      transports: fleet.transports,
      trees,
      [Symbol.asyncDispose]: () => fleet.close(),
    }
  } catch (error) {
    await fleet.close()
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
    const rendered = render(host)
    if (rendered.kind === 'files') return []
    return [[host.name, await readSourceTree(directory, cluster, host, rendered.secrets)] as const]
  })
  return new Map((await Promise.all(trees)).flat())
}
