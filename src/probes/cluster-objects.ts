import * as z from 'zod'
import { type ClusterObject, keptKinds, type LiveObject, manifestOf, ownSelector } from '../model/cluster-object.ts'
import { sh } from '../templates/shell-quote.ts'
import type { Probe } from './probe.ts'

/** As k3s writes it for the administrator, which `k3s kubectl` takes by itself. */
const kubeconfig = '/etc/rancher/k3s/k3s.yaml'

/**
 * Asks a server's API for all objects that are keel's, and for those that are wanted, whoever made them; no answer where it does not run. Input: what is
 * wanted. Each answer is one line, as kubectl gives it.
 */
export const clusterObjects: Probe<readonly ClusterObject[], readonly LiveObject[] | undefined> = {
  name: 'cluster-objects',
  script: (wanted) => {
    const own = sh`kept ${Object.values(keptKinds).join(',')} --all-namespaces --selector=${ownSelector} </dev/null`
    const named = wanted.length === 0 ? 'true' : sh`kept --ignore-not-found --filename=- <<<${listOf(wanted)}`
    // kubectl asks five times for what the API knows, each time for as long; and would write that down below $HOME
    return `
kept() { timeout 10 k3s kubectl --cache-dir=/dev/null --request-timeout=5s get --output=json "$@" 2>/dev/null; }
if [ -f ${kubeconfig} ] && own=$(${own}) && named=$(${named}); then
  printf '%s\\n%s\\n' "\${own//$'\\n'/}" "\${named//$'\\n'/}"
fi`
  },
  parse: (stdout) => {
    const answers = stdout.split('\n')
    const own = answer.safeParse(answers[0]).data
    const named = answer.safeParse(answers[1]).data
    return own === undefined || named === undefined ? undefined : [...new Map([...own, ...named].map(byName)).values()]
  },
}

/** Objects as one document that kubectl reads. */
export function listOf(objects: readonly ClusterObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.map(manifestOf) })
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
const answer = z
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
      z.object({ kind: z.literal('List'), items: z.array(oneObject) }).transform(({ items }) => items),
      oneObject.transform((object) => [object]),
    ]),
  )
