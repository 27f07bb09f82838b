import type { Access } from '../../model/distribution/access.ts'
import { foreignText } from '../../model/text/foreign-text.ts'
import { cordonAnnotation } from '../../probes/node/node-marks.ts'
import { sh } from '../../templates/shell-quote.ts'

const key = cordonAnnotation.replaceAll('/', '~1')
const uncordoned = { metadata: { annotations: { [cordonAnnotation]: null } }, spec: { unschedulable: null } }

/** Of one deploy, and how long Pods get to leave, in seconds. */
export interface Drain {
  readonly node: string
  readonly by: string
  readonly seconds: number
}

/**
 * Runs on a server: evicts all Pods of a Node but those of DaemonSets, which would come back at once. If Pods stay, or the
 * script ends early, the Node takes Pods again, unless somebody else had cordoned it. A Node that is gone has none.
 *
 * Nobody may be there any more when the script ends: it runs on where keel was killed. So the Node itself says in the same
 * moment that it is cordoned and by which deploy. A later deploy knows then whose cordon it is, and takes it over: it is no
 * longer the first one's to give back.
 */
export function drainScript({ kubectl }: Access, { node, by, seconds }: Drain): string {
  const cordon = { metadata: { annotations: { [cordonAnnotation]: by } }, spec: { unschedulable: true } }
  const giveBack = [
    { op: 'test', path: `/metadata/annotations/${key}`, value: by },
    { op: 'remove', path: `/metadata/annotations/${key}` },
    { op: 'add', path: '/spec/unschedulable', value: false },
  ]
  const jsonpath = `{.metadata.name}:{.spec.unschedulable}:{.metadata.annotations.${cordonAnnotation.replaceAll('.', '\\.')}}`
  return sh`set -eu
node=${node}
before=$(${kubectl} get node --ignore-not-found --request-timeout=30s ${`--output=jsonpath=${jsonpath}`} -- "$node")
[ -n "$before" ] || exit 0
give_back() {
  ${kubectl} patch node --type=json --patch ${JSON.stringify(giveBack)} --request-timeout=30s -- "$node" >/dev/null ||
    printf 'Node %s is still cordoned\n' "$node" >&2
}
if [ "$before" != "$node:true:" ]; then
  ${kubectl} patch node --type=merge --patch ${JSON.stringify(cordon)} --request-timeout=30s -- "$node" >/dev/null
  trap give_back EXIT
fi
${kubectl} drain --ignore-daemonsets --delete-emptydir-data ${`--timeout=${seconds}s`} -- "$node" >/dev/null
trap - EXIT`
}

/** Runs on a server: a Node that a deploy has cordoned takes Pods again. */
export function uncordonScript({ kubectl }: Access, node: string): string {
  return sh`${kubectl} patch node --type=merge --patch ${JSON.stringify(uncordoned)} --request-timeout=30s -- ${node} >/dev/null`
}

/**
 * Runs on a server, after the Node has been deleted: removes the Pods that were bound to it. Their processes have ended, and
 * a Node that registers soon under the same name would get them.
 */
export function dropPodsScript({ kubectl }: Access, node: string): string {
  return sh`${kubectl} delete pods --all-namespaces --field-selector ${`spec.nodeName=${node}`} --force --grace-period=0 --wait=false >/dev/null`
}

const evicted = /error when (?:evicting|waiting for) pods?[ /]"([^"]+)" (?:-n|in namespace) "([^"]+)"/
const unmanaged = /cannot delete Pods that declare no controller[^:]*: ([^,\s]+(?:, [^,\s]+)*)/

/**
 * What kubectl says of Pods that stay, as one sentence: a Pod once, however often it was tried. Pure.
 * Source: k8s.io/kubectl/pkg/drain, drain.go and filters.go
 */
export function whyNotDrained(stderr: string, seconds: number): string {
  const lines = stderr.trim().split('\n')
  const alone = lines.flatMap((line) => unmanaged.exec(line)?.[1] ?? [])[0]
  if (alone !== undefined)
    return foreignText(`no controller would make these Pods again elsewhere: ${alone.replace(/, continuing.*/, '')}`)
  const failures = lines.flatMap((line) => {
    const [, pod, namespace] = evicted.exec(line) ?? []
    return pod === undefined ? [] : [{ pod: `${namespace}/${pod}`, isHeld: line.includes('disruption budget') }]
  })
  const names = [...new Set(failures.map(({ pod }) => pod))]
  if (names.length === 0) return foreignText(lines.at(-1) ?? '')
  const reason = failures.some(({ isHeld }) => isHeld) ? 'a PodDisruptionBudget keeps' : 'there are still'
  return foreignText(`after ${seconds} s ${reason} ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`)
}
