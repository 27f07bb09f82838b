import * as z from 'zod'
import type { Json } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import {
  type ClusterObject,
  keptKinds,
  type LiveObject,
  manifestOf,
  ownSelector,
} from '../../model/kubernetes/cluster-object.ts'
import type { Probe } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

export interface ObjectsQuestion {
  readonly access: Pick<Access, 'kubectl' | 'admin'>
  readonly wanted: readonly ClusterObject[]
  /** Other objects that the same question asks for by name. */
  readonly also?: readonly Json[]
}

/**
 * Asks a server's API for all objects that are keel's, and for those that are wanted, no matter who made them; no
 * answer where it does not run. Each answer is one line, as kubectl gives it. Starting kubectl costs more than an
 * answer does: so it is started twice, whatever is asked for.
 */
export const clusterObjects: Probe<ObjectsQuestion, readonly LiveObject[] | undefined> = {
  name: 'cluster-objects',
  script: ({ access: { kubectl, admin }, wanted, also = [] }) => {
    const own = sh`kept ${Object.values(keptKinds).join(',')} --all-namespaces --selector=${ownSelector} </dev/null`
    const named =
      wanted.length + also.length === 0
        ? 'true'
        : sh`kept --ignore-not-found --filename=- <<<${listOf([...wanted.map(manifestOf), ...also])}`
    // otherwise kubectl asks five times for the API's resources, and writes them below $HOME
    return `
${sh`kept() { timeout 10 ${kubectl} --cache-dir=/dev/null --request-timeout=5s get --output=json "$@" 2>/dev/null; }
if [ -f ${admin} ]`} && own=$(${own}) && named=$(${named}); then
  printf '%s\\n%s\\n' "\${own//$'\\n'/}" "\${named//$'\\n'/}"
fi`
  },
  parse: (stdout) => {
    const [first = '', second] = stdout.split('\n')
    const own = answer.safeParse(first).data
    const named = answer.safeParse(second).data
    // kubectl prints a list by labels even where it is empty
    if (first === '' || own === undefined || named === undefined) return undefined
    return [...new Map([...own, ...named.filter(({ kind }) => kind in keptKinds)].map(byName)).values()]
  },
}

/** What `also` has found, as JSON by kind and name: `ConfigMap/x`. Of an answer that `clusterObjects` can read. */
export function alsoFound(stdout: string): ReadonlyMap<string, string> {
  const found = answer.safeParse(stdout.split('\n')[1]).data
  const raw = items.safeParse(stdout.split('\n')[1]).data ?? []
  return new Map(found?.map(({ kind, name }, index) => [`${kind}/${name}`, JSON.stringify(raw[index])]))
}

/** Manifests as one document that kubectl reads. */
export function listOf(items: readonly Json[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

function byName(object: LiveObject): readonly [string, LiveObject] {
  return [JSON.stringify([object.kind, object.namespace, object.name]), object]
}

const oneObject = z
  .looseObject({
    kind: z.string(),
    metadata: z.object({
      name: z.string(),
      namespace: z.string().optional(),
      labels: z.record(z.string(), z.string()).default({}),
    }),
  })
  .transform(({ kind, metadata: { name, namespace, labels }, apiVersion: _, status: __, ...fields }): LiveObject => {
    return { kind, name, ...(namespace === undefined ? {} : { namespace }), labels, fields }
  })

/** kubectl prints nothing for none, one that was named as it is, and else a list. */
const items = z
  .string()
  .transform((text, context): unknown => {
    try {
      return text === '' ? { kind: 'List', items: [] } : JSON.parse(text)
    } catch {
      context.addIssue('no JSON')
      return z.NEVER
    }
  })
  .pipe(
    z.union([
      z
        .object({ kind: z.literal('List'), items: z.array(z.looseObject({ kind: z.string() })) })
        .transform(({ items }) => items),
      z.looseObject({ kind: z.string() }).transform((item) => [item]),
    ]),
  )
const answer = items.pipe(z.array(oneObject))
