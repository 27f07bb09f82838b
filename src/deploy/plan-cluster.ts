import type { Pins } from '../artifacts/pins.ts'
import { clusterObjectsOf } from '../desired/cluster-objects.ts'
import type { Fault } from '../errors.ts'
import type { Connect } from '../fleet/connect.ts'
import { type Answers, Fleet, type FleetOptions, type HostFault } from '../fleet/fleet.ts'
import { questionsFor } from '../fleet/survey.ts'
import { targetOf } from '../fleet/target-of.ts'
import type { Sha256 } from '../model/brands.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { withoutHosts } from '../plan/refusals/without-hosts.ts'
import { admissionsOf } from '../plan/view/admissions.ts'
import type { SeenHost, SelectedHost } from '../plan/view/cluster-view.ts'
import type { Questions } from '../probes/questions.ts'
import type { Transport } from '../ssh/transport.ts'
import { rendererOf } from '../targets/render.ts'
import type { Rendered } from '../targets/rendered.ts'
import { lookAround } from './look-around.ts'
import { readSourceTree, type SourceTree } from './nixos/source-tree.ts'
import { refuseUnpinnedSkip } from './refuse-unpinned-skip.ts'
import { type Certificates, certificatesOf, surroundingsOf } from './surroundings.ts'
import type { Admission } from './through/admissions.ts'
import type { SecretSources } from './tokens/credential-sources.ts'

export interface PlanRequest {
  readonly cluster: Cluster
  readonly selected: readonly Host[]
  readonly secrets: SecretSources
  readonly pins: Pins
  /** The texts of manifests by URL (`pinnedManifests`). */
  readonly manifests?: ReadonlyMap<string, string>
  readonly connect: Connect
  /** `2026-11-29`: what upstream supports depends on it. */
  readonly today: string
  /** The inventory's folder: NixOS systems are built from what is there. */
  readonly directory: string
  /** Hosts may change their kind of kubelet, drained. */
  readonly drain?: boolean
  readonly signal?: AbortSignal
  /** Told the names of the hosts that have not answered yet, whenever they change. */
  readonly onWaiting?: NonNullable<FleetOptions['onWaiting']>
  /**
   * Given the plan of the hosts that have answered, when others let wait for theirs. Once, and for a person to read.
   */
  readonly onPartial?: (plan: Plan) => void
}

/** A plan with the open connections it was made over. Dispose of it to close them. */
export interface Planned extends AsyncDisposable {
  readonly plan: Plan
  readonly caHash?: Sha256
  /** By host: what deploy needs besides the plan. */
  readonly hosts: ReadonlyMap<string, { readonly seen: SelectedHost; readonly transport: Transport }>
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
 * Asks the hosts and compares: exec 1 of a deploy, and all of `keel plan`. Writes nothing, reads no secret. A host that
 * does not answer is in `unreachable`, and the plan is of the others.
 * @throws KeelError for what the inventory lacks
 */
export async function planCluster(request: PlanRequest): Promise<Planned> {
  const { selected, secrets, onPartial } = request
  for (const host of selected) targetOf(host)
  const certificates = await certificatesOf(secrets)
  const { ca } = certificates
  await refuseUnpinnedSkip(request, certificates)
  const render = renderOnce(request, certificates)
  const trees = await sourceTrees(request, render)
  const fleet = new Fleet({ ...request, questions: (host) => questionsOf(request, host, render(host)) })
  try {
    const look = (answers: Answers) => lookAround({ ...request, caCertificate: ca?.pem, render, trees, fleet }, answers)
    const answers = await fleet.ask(selected, async (some) => onPartial?.(makePlan(await look(some))))
    const view = await look(answers)
    const { transports } = fleet
    return {
      plan: makePlan(view),
      hosts: new Map(
        connected(view.selected.seen, transports).map(([seen, transport]) => [seen.host.name, { seen, transport }]),
      ),
      transports,
      trees,
      admissions: connected(admissionsOf(view), transports).map(([one, transport]) => ({ ...one, transport })),
      unreachable: answers.faults,
      goOn: withoutHosts(view),
      ...(ca === undefined ? {} : { caHash: ca.hash }),
      [Symbol.asyncDispose]: () => fleet.close(),
    }
  } catch (error) {
    await fleet.close()
    throw error
  }
}

/** What one host is to be, before anybody has been asked: made when it is first wanted, and once. */
function renderOnce({ cluster, pins, manifests }: PlanRequest, certificates: Certificates): (host: Host) => Rendered {
  const render = rendererOf(cluster, surroundingsOf(cluster, pins, certificates, manifests))
  const known = new Map<string, Rendered>()
  return (host) => {
    const rendered = known.get(host.name) ?? render(host)
    known.set(host.name, rendered)
    return rendered
  }
}

/** Every server is asked for keel's objects in the API; which machines the cluster has, one answer is enough. */
function questionsOf({ cluster, selected }: PlanRequest, host: Host, rendered: Rendered): Questions {
  const speaker = selected.find(({ role }) => role === 'server')
  return {
    ...questionsFor(rendered, host.role === 'server' ? clusterObjectsOf(cluster) : undefined),
    ...(host === speaker ? { members: true } : {}),
  }
}

function connected<Seen extends SeenHost>(
  seen: readonly Seen[],
  transports: ReadonlyMap<string, Transport>,
): readonly (readonly [Seen, Transport])[] {
  return seen.flatMap((one) => {
    const transport = transports.get(one.host.name)
    return transport === undefined ? [] : [[one, transport] as const]
  })
}

async function sourceTrees(
  { directory, cluster, selected }: PlanRequest,
  render: (host: Host) => Rendered,
): Promise<ReadonlyMap<string, SourceTree>> {
  const trees = selected.map(async (host) => {
    const rendered = render(host)
    if (rendered.kind === 'files') return []
    return [[host.name, await readSourceTree(directory, cluster, host, rendered.secrets)] as const]
  })
  return new Map((await Promise.all(trees)).flat())
}
