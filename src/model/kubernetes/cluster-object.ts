import type { Json } from '../cluster.ts'

/** Names an object in the Kubernetes API. */
export interface ObjectName {
  readonly kind: string
  readonly name: string
  /** Absent: it is in none. */
  readonly namespace?: string
}

/** An object that keel keeps in the Kubernetes API. */
export interface ClusterObject extends ObjectName {
  readonly apiVersion: string
  /** What it belongs to, as a label says: `keel-agent`. */
  readonly part: string
  /** All fields but the metadata. */
  readonly fields: Readonly<Record<string, Json>>
}

/** An object as the API has it. */
export interface LiveObject extends ObjectName {
  readonly labels: Readonly<Record<string, string>>
  /** All fields but the metadata and the status. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * The kinds that keel keeps objects of, as `kubectl get` takes them, in the order in which they come: what others refer
 * to first. One that is taken off this list is no longer looked for, so none of keel's is removed any more.
 */
export const keptKinds: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ClusterRole: 'clusterroles.rbac.authorization.k8s.io',
  ClusterRoleBinding: 'clusterrolebindings.rbac.authorization.k8s.io',
}

const managedBy = { key: 'app.kubernetes.io/managed-by', value: 'keel' }
const partOf = 'keel.internal/part'

/** Finds what is keel's: another tool of that name sets the first label, perhaps, and not the second. */
export const ownSelector = `${managedBy.key}=${managedBy.value},${partOf}`

/** Whether keel made it, or was handed it. */
export function isOwn({ labels }: LiveObject): boolean {
  return labels[managedBy.key] === managedBy.value && labels[partOf] !== undefined
}

/** The labels that make an object keel's. */
export function ownLabels({ part }: Pick<ClusterObject, 'part'>): Readonly<Record<string, string>> {
  return { [managedBy.key]: managedBy.value, [partOf]: part }
}

/** The object as `kubectl apply` takes it. */
export function manifestOf({ apiVersion, kind, name, namespace, part, fields }: ClusterObject): Json {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels: ownLabels({ part }) }
  return { apiVersion, kind, metadata, ...fields }
}

/** As people write it, and the same for the same object: `ServiceAccount keel-system/keel-agent`. */
export function describeObject({ kind, name, namespace }: ObjectName): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}
