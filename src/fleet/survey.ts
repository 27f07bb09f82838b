import { KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import { inOrder, ofNode } from '../model/distribution/service.ts'
import type { ClusterObject } from '../model/kubernetes/cluster-object.ts'
import type { Facts } from '../probes/facts.ts'
import { factsScript } from '../probes/facts-script.ts'
import { parseFacts } from '../probes/parse-facts.ts'
import type { FilesQuestions, Questions, SystemQuestions } from '../probes/questions.ts'
import type { Transport } from '../ssh/transport.ts'
import { type Rendered, writtenPaths } from '../targets/rendered.ts'
import type { Connect } from './connect.ts'
import { targetOf } from './target-of.ts'

/** A connected host and what it answered. */
interface Surveyed {
  readonly host: Host
  readonly transport: Transport
  readonly facts: Facts
}

/** What to ask a host about a rendered state, and a server about its API. */
export function questionsFor(rendered: Rendered, objects?: readonly ClusterObject[]): Questions {
  const { services, access, past, places, parts } = rendered
  return {
    ...heldQuestions(rendered),
    units: inOrder(services, ({ unit }) => unit),
    access,
    past,
    places,
    node: rendered.node.name,
    parts,
    ...(objects === undefined ? {} : { objects }),
    ...(rendered.distribution === 'kubeadm' && rendered.isSystemdNode === undefined ? { containerd: true } : {}),
    foreign: foreignQuestion(rendered),
  }
}

function heldQuestions(
  rendered: Rendered,
): Pick<FilesQuestions, 'kind' | 'paths' | 'credentials'> | Pick<SystemQuestions, 'kind'> {
  switch (rendered.kind) {
    case 'files': {
      const { artifacts, extensions, directories, files, links, credentials } = rendered
      const programs = extensions.map(({ program }) => program)
      return {
        kind: 'files',
        paths: [...artifacts, ...programs, ...directories, ...files, ...links].map(({ path }) => path),
        credentials: credentials.map(({ id, path }) => ({ id, path })),
      }
    }
    case 'system':
      return { kind: 'system' }
  }
}

function foreignQuestion(rendered: Rendered): NonNullable<Questions['foreign']> {
  const { services, places, ports } = rendered
  const own = writtenPaths(rendered)
  const units = own.flatMap((path) => /^\/etc\/systemd\/system\/([^/]+\.(?:service|timer))$/.exec(path)?.[1] ?? [])
  return {
    unit: ofNode(services).unit,
    units: [...new Set([...services.map(({ unit }) => unit), ...units])],
    own: own.filter((path) => path.startsWith(places.configuration) || path.startsWith(places.data)),
    places,
    ports,
  }
}

/**
 * Exec 1 on one host. The connection stays open and is the caller's to close.
 * @throws KeelError, exit 6, where it can't be reached
 */
export async function survey(
  host: Host,
  questions: Questions,
  connect: Connect,
  signal?: AbortSignal,
): Promise<Surveyed> {
  const transport = await connect(targetOf(host))
  try {
    const { exitCode, stdout, stderr } = await transport.run(factsScript(questions), {
      name: 'facts',
      ...(signal === undefined ? {} : { signal }),
    })
    if (exitCode !== 0)
      throw new KeelError({
        code: 'probe-failed',
        at: host.name,
        found: `the probe ended with ${exitCode}: ${stderr.trim().slice(-400)}`,
      })
    return { host, transport, facts: parseFacts(host.name, stdout, questions) }
  } catch (error) {
    await transport.close()
    throw error
  }
}
