import { KeelError } from '../errors.ts'
import { keptKinds } from '../model/kubernetes/cluster-object.ts'
import { allParts, type PartName } from '../parts/by-part.ts'

/**
 * Which texts a host may answer, by their place in `Facts`: `*` is any entry of a list or a record, a name in braces
 * the keys of a record. Other texts are one line of `MOST_CHARACTERS` at most. A host that answers something else is
 * compromised, or is not a host that keel knows.
 */
const shapes: Readonly<Record<string, RegExp>> = {
  ...shapesOfParts(),
  'system.id': /^[\w.-]{0,64}$/,
  'system.machine': /^[\w.-]{0,64}$/,
  'system.missing.*': /^[\w.+-]{1,64}$/,
  '{paths}': /^\/[^\0]*$/,
  'paths.*.mode': /^[0-7]{3,5}$/,
  'paths.*.owner': /^[^\s:/]{1,256}$/,
  'paths.*.group': /^[^\s:/]{1,256}$/,
  // empty: the file can't be read
  'paths.*.sha256': /^(?:[0-9a-f]{64})?$/,
  '{credentials}': /^[\w.@-]{1,255}$/,
  'credentials.*.source': /^\S{0,1024}$/,
  'services.*.active': /^[a-z-]{0,64}$/,
  'services.*.enabled': /^[a-z-]{0,64}$/,
  'services.*.dropIns.*': /^\/\S/,
  'past.serverCa': /^[0-9a-f]{64}$/,
  'past.agentCa': /^[0-9a-f]{64}$/,
  'past.version': /^v[\w.+-]{1,100}$/,
  'run.version': /^v[\w.+-]{1,100}$/,
  'generation.owned.*': /^\/(?!.*\/\.\.?(?:\/|$))/,
  'foreign.units.*.unit': /^[\w:.@\\-]{1,255}$/,
  'foreign.units.*.active': /^[a-z-]{0,64}$/,
  'foreign.units.*.enabled': /^[a-z-]{0,64}$/,
  'foreign.units.*.path': /^(?:\/.*)?$/,
  'foreign.units.*.startedBy.*': /^[\w:.@\\-]{1,255}$/,
  'foreign.units.*.flags.*': /^[a-z0-9-]{1,64}$/,
  'foreign.starters.*.place': /^\/.*:\d+$/,
  'foreign.processes.*.pid': /^\d{1,10}$/,
  'foreign.ports.*.pid': /^\d{1,10}$/,
  'foreign.dropIns.*.path': /^\//,
  'foreign.defaults.*.path': /^\//,
  'foreign.environment.*': /^[A-Za-z_]\w{0,255}$/,
  'foreign.variables.*.path': /^\//,
  'foreign.variables.*.names.*': /^[A-Za-z_]\w{0,255}$/,
  'foreign.configs.*.path': /^\//,
  'foreign.files.*.path': /^\//,
  'foreign.nodePassword': /^[0-7]{3,5} \S{1,256}$/,
  'nixos.current': /^(?:\/\S*)?$/,
  'nixos.boot': /^(?:\/\S*)?$/,
  'nixos.channels': /^(?:\/\S*)?$/,
  'nixos.record.sources': /^[0-9a-f]{1,128}$/,
  'nixos.record.system': /^\/\S*$/,
  '{node.labels}': /^(?:[a-z0-9][-a-z0-9.]{0,252}\/)?[A-Za-z0-9][-\w.]{0,62}$/,
  'node.labels.*': /^(?:[A-Za-z0-9][-\w.]{0,62})?$/,
  '{node.taints}': /^(?:[a-z0-9][-a-z0-9.]{0,252}\/)?[A-Za-z0-9][-\w.]{0,62}:[A-Za-z]{1,32}$/,
  'node.owned.labels.*': /^(?:[a-z0-9][-a-z0-9.]{0,252}\/)?[A-Za-z0-9][-\w.]{0,62}$/,
  // the answer to keel's own question about objects of these kinds
  'objects.*.kind': new RegExp(`^(?:${Object.keys(keptKinds).join('|')})$`),
  // RBAC takes any path segment as a name (kubernetes.io/docs/concepts/overview/working-with-objects/names)
  'objects.*.name': /^[A-Za-z0-9][\w.:@-]{0,252}$/,
  'objects.*.namespace': /^[a-z0-9][a-z0-9-]{0,62}$/,
  'founded.clusterName.*': /^[\w.-]{1,253}$/,
  'founded.controlPlaneEndpoint.*': /^[\w.:[\]-]{1,300}$/,
  'founded.podSubnet.*': /^[0-9A-Fa-f.:/]{1,64}$/,
  'founded.serviceSubnet.*': /^[0-9A-Fa-f.:/]{1,64}$/,
  'founded.dnsDomain.*': /^[\w.-]{1,253}$/,
  'look.certificates.*.file': /^\/[\w./@-]{1,200}$/,
  'look.cluster.nodes.*.name': /^[a-z0-9][a-z0-9.-]{0,252}$/,
  'look.cluster.nodes.*.version': /^(?:v[\w.+-]{1,100})?$/,
  'look.cluster.pods.*.node': /^(?:[a-z0-9][a-z0-9.-]{0,252})?$/,
  'look.cluster.etcd.members.*.name': /^[\w.-]{0,253}$/,
  'look.cluster.etcd.leader': /^[\w.-]{0,253}$/,
  digest: /^(?:starting:)?[0-9a-f]{64}$/,
}

/** What is seen of a part is in `Facts` at its name. */
export function placeOfPart(name: PartName): string {
  return `parts.${name}`
}

function shapesOfParts(): Readonly<Record<string, RegExp>> {
  return Object.fromEntries(
    allParts.flatMap(({ name, probe }) =>
      Object.entries(probe?.shapes ?? {}).map(([place, shape]) => [`${placeOfPart(name)}.${place}`, shape]),
    ),
  )
}

/**
 * Texts of many lines: a module that keel has written, and the fields of objects in the API. Names of members are only
 * held against the inventory's.
 */
const isText = /^(?:nixos\.record\.module$|members\.|objects\.\*\.fields\.|objects\.\*\.labels\.)/

const MOST_CHARACTERS = 4096
/** Entries of all lists and records together. */
const MOST_ENTRIES = 100_000
const MOST_DEPTH = 64
/** Seconds since 1970 that a Date still holds. */
const MOST_SECONDS = 8.64e12

/**
 * Reads a host's answer with `read`, and accepts it only if each value has the right form. In linear time; an answer is
 * as long as a run's output may be.
 * @param place of what is read, where it is a part of the facts: `placeOfPart('keepalived')`
 * @throws KeelError `facts-garbled`, whatever `read` has thrown
 */
export function checkedAnswer<Answer>(host: string, place: string, read: () => Answer): Answer {
  try {
    const answer = read()
    check(answer, place, { entries: 0 }, 0)
    return answer
  } catch (error) {
    if (error instanceof KeelError) throw error
    const found =
      error instanceof Garbled
        ? error.message
        : `its answer can't be read (${error instanceof Error ? error.name : typeof error})`
    throw new KeelError({
      code: 'facts-garbled',
      at: host,
      found,
      why: 'no host that keel has set up gives such an answer; keel ignored all of it',
      todo: 'check whether this is the right machine, and who else works on it. If it may be compromised, disconnect it from the network',
    })
  }
}

class Garbled extends Error {}

function check(value: unknown, place: string, count: { entries: number }, depth: number): void {
  if (typeof value === 'string') checkText(value, place)
  if (typeof value === 'number' && !(Math.abs(value) <= MOST_SECONDS))
    throw new Garbled(`a number out of range (${place})`)
  if (typeof value !== 'object' || value === null) return
  if (depth > MOST_DEPTH) throw new Garbled(`an answer that is nested too deeply (${place})`)
  for (const [key, entry] of Object.entries(value)) {
    count.entries++
    if (count.entries > MOST_ENTRIES) throw new Garbled(`more than ${MOST_ENTRIES} entries`)
    const isRecord = Array.isArray(value) || isKeyed(place)
    if (isRecord && !Array.isArray(value)) checkText(key, `{${place}}`)
    check(entry, [place, isRecord ? '*' : key].filter((part) => part !== '').join('.'), count, depth + 1)
  }
}

/** A record whose keys are the host's. */
function isKeyed(place: string): boolean {
  return `{${place}}` in shapes || place.startsWith('objects.*.fields') || place === 'objects.*.labels'
}

function checkText(text: string, place: string): void {
  if (isText.test(place)) return
  if (text.length > MOST_CHARACTERS) throw new Garbled(`a text of ${text.length} characters (${place})`)
  if (/[\x00-\x1f\x7f]/.test(text)) throw new Garbled(`a control character (${place})`)
  const shape = shapes[place]
  if (shape !== undefined && !shape.test(text)) throw new Garbled(`${JSON.stringify(text.slice(0, 80))} (${place})`)
}
