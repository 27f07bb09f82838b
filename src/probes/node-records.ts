import * as z from 'zod'
import { isOwnLabel, isOwnTaint } from '../model/labels.ts'
import { sh } from '../templates/shell-quote.ts'
import type { OwnedMarks } from './node-marks.ts'
import type { Probe } from './probe.ts'

/**
 * keel's record of which labels and taints it has given to which Node: a ConfigMap that a kubelet can neither write nor read, unlike the Node's own
 * annotations. Source: kubernetes.io/docs/reference/access-authn-authz/node, Write operations
 */
export const recordsNamespace = 'kube-system'
export const recordsName = 'keel-node-marks'

/** As k3s writes it for the administrator, which `k3s kubectl` takes by itself. */
const kubeconfig = '/etc/rancher/k3s/k3s.yaml'

/** Asks a server's API with the administrator's credential; no answer where it does not run. By Node, empty where nothing was ever recorded. */
export const nodeRecords: Probe<void, Readonly<Record<string, OwnedMarks>> | undefined> = {
  name: 'node-records',
  // as a list: no such ConfigMap is an answer, too
  script: () => sh`
[ ! -f ${kubeconfig} ] || timeout 10 k3s kubectl --request-timeout=5s get --raw ${`/api/v1/namespaces/${recordsNamespace}/configmaps?fieldSelector=metadata.name%3D${recordsName}`} </dev/null 2>/dev/null || true`,
  parse: (stdout) => {
    const list = listText.safeParse(stdout).data
    if (list === undefined) return undefined
    const records = Object.entries(list.items[0]?.data ?? {}).flatMap(([node, text]) => {
      const marks = marksText.safeParse(text).data
      return marks === undefined ? [] : [[node, marks] as const]
    })
    return Object.fromEntries(records)
  },
}

/** Bash for a server: records what a Node has been given. Each Node is a field manager of its own, so that no two deploys overwrite each other's. */
export function recordScript(node: string, owned: OwnedMarks): string {
  const record = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: recordsName, namespace: recordsNamespace },
    data: { [node]: JSON.stringify(owned) },
  }
  return sh`k3s kubectl apply --server-side --field-manager=${`keel-${node}`} --force-conflicts --request-timeout=30s --filename=- <<<${JSON.stringify(record)} >/dev/null`
}

/** Bash for a server: what a machine that is gone was given is nobody's record any more. */
export function forgetRecordScript(node: string): string {
  const patch = JSON.stringify({ data: { [node]: null } })
  return sh`[ -z "$(k3s kubectl --namespace ${recordsNamespace} get configmap ${recordsName} --ignore-not-found --output=name --request-timeout=30s)" ] ||
  k3s kubectl --namespace ${recordsNamespace} patch configmap ${recordsName} --type=merge --patch ${patch} --request-timeout=30s >/dev/null`
}

function json(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('no JSON')
    return z.NEVER
  }
}

const listText = z
  .string()
  .transform(json)
  .pipe(
    z.object({
      kind: z.literal('ConfigMapList'),
      items: z.array(z.object({ data: z.record(z.string(), z.string()).default({}) })),
    }),
  )
/** What keel could never have given is not taken for its own, whoever wrote it there. */
const marksText = z
  .string()
  .transform(json)
  .pipe(z.object({ labels: z.array(z.string()), taints: z.array(z.string()) }))
  .transform(({ labels, taints }): OwnedMarks => ({ labels: labels.filter(isOwnLabel), taints: taints.filter(isOwnTaint) }))
