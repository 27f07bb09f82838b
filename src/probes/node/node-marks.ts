import * as z from 'zod'
import type { Json } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import type { Probe } from '../../model/probe.ts'
import { jsonText, jsonWords } from '../../model/text/json-text.ts'
import { sh } from '../../templates/shell-quote.ts'

/** A Node's labels and taints as they are now, no matter who set them. */
export interface NodeMarks {
  readonly labels: Readonly<Record<string, string>>
  /** `key=value:Effect` by `key:Effect`, of which a Node has one each. */
  readonly taints: Readonly<Record<string, string>>
  /**
   * Keys of those that this host's inventory gave it, in the Node's own words: a host can write them, so they decide
   * only whether keel asks a server. Absent where nobody has noted them yet, right after it has registered.
   */
  readonly owned?: OwnedMarks
  /** A deploy of keel has cordoned it, and has not come to its end. */
  readonly isCordoned?: true
}

export interface OwnedMarks {
  readonly labels: readonly string[]
  readonly taints: readonly string[]
}

export interface NodeQuestion {
  readonly access: Pick<Access, 'kubectl' | 'node' | 'ownNode'>
  /** The Node's. */
  readonly name: string
}

/** keel's note on the Node of what it gave it last; where there is none yet, it is what k3s was started with. */
export const ownedAnnotation = 'keel.internal/node-marks'
/** On a Node that a deploy has cordoned: the ID of that deploy. A cordon without it is somebody else's. */
export const cordonAnnotation = 'keel.internal/cordoned-by'
const argumentsAnnotation = 'k3s.io/node-args'

/** Asks the API with the Node's own credential; no answer where the API can't be reached, or there is no such Node. */
export const nodeMarks: Probe<NodeQuestion, NodeMarks | undefined> = {
  name: 'node-marks',
  // --raw: otherwise kubectl first asks for all of the API's resources, and writes them below $HOME
  script: ({ access: { kubectl, node, ownNode }, name }) =>
    ownNode === undefined
      ? sh`
[ ! -f ${node} ] || ${kubectl} --kubeconfig ${node} --request-timeout=5s get --raw ${`/api/v1/nodes/${name}`} </dev/null 2>/dev/null || true`
      : sh`[ ! -x ${ownNode[0] ?? ''} ] || timeout 10 ${ownNode} json </dev/null 2>/dev/null || true`,
  parse: (stdout) => {
    const node = nodeText.safeParse(stdout).data
    if (node === undefined) return undefined
    const { labels, annotations } = node.metadata
    const owned =
      ownedText.safeParse(annotations[ownedAnnotation]).data ?? startedWith(annotations[argumentsAnnotation])
    return {
      labels,
      taints: taintsById(
        node.spec.taints.map(({ key, value, effect }) => `${key}${value === '' ? '' : `=${value}`}:${effect}`),
      ),
      ...(owned === undefined ? {} : { owned }),
      ...(annotations[cordonAnnotation] === undefined ? {} : { isCordoned: true }),
    }
  },
}

/** Names a Node to kubectl, where a server is asked for its own with the administrator's credential. */
export function nodeReference(name: string): Json {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } }
}

/** Taints as the inventory has them (`key=value:Effect`, `key:Effect`) by `key:Effect`; the last of two wins. */
export function taintsById(taints: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    taints.map((taint) => {
      const [keyValue = '', effect = ''] = taint.split(':')
      const [key = '', value = ''] = keyValue.split('=')
      return [`${key}:${effect}`, value === '' ? `${key}:${effect}` : taint]
    }),
  )
}

const texts = z.record(z.string(), z.string())
const nodeText = jsonText.pipe(
  z.object({
    kind: z.literal('Node'),
    metadata: z.object({ labels: texts.default({}), annotations: texts.default({}) }),
    spec: z.object({
      taints: z.array(z.object({ key: z.string(), value: z.string().default(''), effect: z.string() })).default([]),
    }),
  }),
)
const ownedText = jsonText.pipe(z.object({ labels: z.array(z.string()), taints: z.array(z.string()) }))

/** The labels and taints in `k3s.io/node-args` (docs/k3s.md, Nodes). */
function startedWith(annotation: string | undefined): OwnedMarks | undefined {
  const given = jsonWords.safeParse(annotation).data
  if (given === undefined) return undefined
  const valuesOf = (flag: string) =>
    given
      .flatMap((word, index) => {
        if (word.startsWith(`${flag}=`)) return [word.slice(flag.length + 1)]
        const next = given[index + 1]
        return word === flag && next !== undefined ? [next] : []
      })
      .flatMap((value) => value.split(','))
  return {
    labels: valuesOf('--node-label').map((label) => label.split('=')[0] ?? ''),
    taints: Object.keys(taintsById(valuesOf('--node-taint'))),
  }
}
