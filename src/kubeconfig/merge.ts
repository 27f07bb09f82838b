import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { ExitCode, KeelError } from '../errors.ts'
import { type Entry, stanzas, userName } from './kubeconfig.ts'

export interface Merged {
  readonly text: string
  /** The context that was current before, where it was another one. */
  readonly before?: string
}

/**
 * A kubeconfig with the entry in it, and its context as the current one. All that is there besides stays as it is,
 * comments too; of an older entry for the same cluster what keel does not know (`proxy-url`, `namespace`) stays.
 * @param at the file, for messages
 * @param text what is in it; undefined: it is new
 * @throws KeelError `kubeconfig-damaged`, `kubeconfig-taken` (exit 2)
 */
export function mergedInto(at: string, text: string | undefined, entry: Entry): Merged {
  // kubectl reads YAML 1.1: `no` is a name there only in quotes
  const document: Document = parseDocument(text ?? '', { logLevel: 'error', compat: 'yaml-1.1' })
  document.contents ??= document.createNode({})
  const top = document.contents
  if (document.errors.length > 0 || !isMap(top)) throw damaged(at, 'no YAML map')
  if (![undefined, 'Config'].includes(scalar(top, 'kind'))) throw damaged(at, `kind: ${scalar(top, 'kind')}`)
  top.flow = false
  for (const [key, value] of [
    ['apiVersion', 'v1'],
    ['kind', 'Config'],
  ] as const)
    if (!top.has(key)) top.set(key, value)
  const { cluster, user, context } = stanzas(entry)
  const admin = userName(entry)
  const clusters = named(document, top, at, 'clusters', 'cluster')
  const users = named(document, top, at, 'users', 'user')
  const contexts = named(document, top, at, 'contexts', 'context')
  refuseOthers(at, entry, clusters.get(entry.name), users.get(admin), contexts.get(admin))
  clusters.assign(entry.name, cluster)
  users.replace(admin, user)
  contexts.assign(admin, context)
  const before = scalar(top, 'current-context')
  top.set('current-context', admin)
  const merged = printed(document, at)
  return before === undefined || before === '' || before === admin ? { text: merged } : { text: merged, before }
}

/** What is replaced may be what an alias elsewhere means. */
function printed(document: Document, at: string): string {
  try {
    return document.toString({ lineWidth: 0 })
  } catch {
    throw damaged(at, 'an alias of what keel replaces')
  }
}

/** An entry of the same name that belongs to another cluster is somebody's way into that one. */
function refuseOthers(
  at: string,
  entry: Entry,
  cluster: YAMLMap | undefined,
  user: YAMLMap | undefined,
  context: YAMLMap | undefined,
): void {
  const { 'certificate-authority-data': ca } = stanzas(entry).cluster
  const of = context === undefined ? undefined : scalar(context, 'cluster')
  const isOurs =
    cluster === undefined
      ? user === undefined && context === undefined
      : scalar(cluster, 'certificate-authority-data') === ca
  if (isOurs && (of === undefined || of === entry.name)) return
  throw new KeelError({
    code: 'kubeconfig-taken',
    at,
    found: `${cluster === undefined ? userName(entry) : entry.name} is there already, and belongs to another cluster`,
    why: 'keel would overwrite the way into that one',
    todo: 'rename the old one there, or give this cluster another name with --name',
    exit: ExitCode.Usage,
  })
}

interface Named {
  /** The value of the item with this name. */
  get(name: string): YAMLMap | undefined
  /** Sets these keys of it, and leaves its others. */
  assign(name: string, value: Readonly<Record<string, string>>): void
  /** Sets it as a whole. */
  replace(name: string, value: Readonly<Record<string, string>>): void
}

/** One of a kubeconfig's lists: `clusters` has items of a `name` and a `cluster`. */
function named(document: Document, top: YAMLMap, at: string, list: string, key: string): Named {
  const items = (): YAMLSeq | undefined => {
    const found = top.get(list)
    if (found === undefined || found === null) return undefined
    if (!isSeq(found) || !found.items.every(isMap)) throw damaged(at, `${list} that is no list`)
    return found
  }
  const find = (name: string) =>
    items()
      ?.items.filter(isMap)
      .find((item) => scalar(item, 'name') === name)
  const get = (name: string) => {
    const item = find(name)
    if (item === undefined) return undefined
    const value = item.get(key)
    if (!isMap(value)) throw damaged(at, `${list} with a ${name} that has no ${key}`)
    return value
  }
  const add = (item: object) => {
    const there = items()
    if (there === undefined) top.set(list, document.createNode([item]))
    else {
      there.flow = false
      there.add(document.createNode(item))
    }
  }
  get('')
  return {
    get,
    assign(name, value) {
      const there = get(name)
      if (there === undefined) add({ [key]: value, name })
      else for (const [one, text] of Object.entries(value)) there.set(one, text)
    },
    replace(name, value) {
      const item = find(name)
      if (item === undefined) add({ [key]: value, name })
      else item.set(key, document.createNode(value))
    },
  }
}

function scalar(map: YAMLMap, key: string): string | undefined {
  const value = map.get(key, true)
  return isScalar(value) && value.value !== null ? String(value.value) : undefined
}

function damaged(at: string, found: string): KeelError {
  return new KeelError({
    code: 'kubeconfig-damaged',
    at,
    found: `no kubeconfig: ${found}`,
    why: 'keel adds a cluster only to a file that it understands, so that nothing in it is lost',
    todo: 'correct the file, or write to another one with --out FILE',
    exit: ExitCode.Usage,
  })
}
