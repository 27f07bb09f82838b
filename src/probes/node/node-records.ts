import * as z from 'zod'
import type { Json } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { isOwnLabel, isOwnTaint } from '../../model/kubernetes/labels.ts'
import { jsonText } from '../../model/text/json-text.ts'
import { sh } from '../../templates/shell-quote.ts'
import type { OwnedMarks } from './node-marks.ts'

/**
 * keel's record of which labels and taints it has given to which Node: a ConfigMap that a kubelet can neither write nor
 * read, unlike the Node's own annotations. Source: kubernetes.io/docs/reference/access-authn-authz/node, Write
 * operations
 */
const recordsNamespace = 'kube-system'
const recordsName = 'keel-node-marks'

/** By kind and name. */
export const recordsKey = `ConfigMap/${recordsName}`

/** Names it to kubectl, in the one question that a server is asked anyway. */
export const recordsReference: Json = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: recordsName, namespace: recordsNamespace },
}

/**
 * Reads what a server has answered: by Node, empty where nothing was ever recorded.
 * @param configMap as JSON; absent where there is none
 */
export function nodeRecords(configMap: string | undefined): Readonly<Record<string, OwnedMarks>> {
  const data = configMapText.safeParse(configMap).data?.data ?? {}
  const records = Object.entries(data).flatMap(([node, text]) => {
    const marks = marksText.safeParse(text).data
    return marks === undefined ? [] : [[node, marks] as const]
  })
  return Object.fromEntries(records)
}

/**
 * Bash for a server: records what a Node has been given. Each Node is a field manager of its own, so that no two
 * deploys overwrite each other's.
 */
export function recordScript({ kubectl }: Pick<Access, 'kubectl'>, node: string, owned: OwnedMarks): string {
  const record = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: recordsName, namespace: recordsNamespace },
    data: { [node]: JSON.stringify(owned) },
  }
  return sh`${kubectl} apply --server-side --field-manager=${`keel-${node}`} --force-conflicts --request-timeout=30s --filename=- <<<${JSON.stringify(record)} >/dev/null`
}

/** Bash for a server: whether it has no record of a Node. Where the API does not answer, it has. */
export function missingRecordScript({ kubectl }: Pick<Access, 'kubectl'>, node: string): string {
  const jsonpath = `jsonpath={.data.${node.replaceAll('.', '\\.')}}`
  return sh`[ -z "$(${kubectl} --namespace ${recordsNamespace} get configmap ${recordsName} --ignore-not-found --output=${jsonpath} --request-timeout=30s || printf '?')" ]`
}

/** Bash for a server: removes the record of a machine that is gone. */
export function forgetRecordScript({ kubectl }: Pick<Access, 'kubectl'>, node: string): string {
  const patch = JSON.stringify({ data: { [node]: null } })
  return sh`[ -z "$(${kubectl} --namespace ${recordsNamespace} get configmap ${recordsName} --ignore-not-found --output=name --request-timeout=30s)" ] ||
  ${kubectl} --namespace ${recordsNamespace} patch configmap ${recordsName} --type=merge --patch ${patch} --request-timeout=30s >/dev/null`
}

const configMapText = jsonText.pipe(
  z.object({ kind: z.literal('ConfigMap'), data: z.record(z.string(), z.string()).default({}) }),
)
/** keel does not accept as its own what it could never have given, no matter who wrote it. */
const marksText = jsonText
  .pipe(z.object({ labels: z.array(z.string()), taints: z.array(z.string()) }))
  .transform(
    ({ labels, taints }): OwnedMarks => ({ labels: labels.filter(isOwnLabel), taints: taints.filter(isOwnTaint) }),
  )
