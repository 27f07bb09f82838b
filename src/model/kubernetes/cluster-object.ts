import type { Json } from '../cluster.ts'

/** Identifies an object in the Kubernetes API. */
export interface ObjectName {
  readonly kind: string
  readonly name: string
  /** Absent: the object is in no namespace. */
  readonly namespace?: string
}

/** An object that keel maintains in the Kubernetes API. */
export interface ClusterObject extends ObjectName {
  readonly apiVersion: string
  /** The part that it belongs to, which is also the value of a label: `keel-agent`. */
  readonly part: string
  /** All fields except the metadata. */
  readonly fields: Readonly<Record<string, Json>>
}

/** An object that the API returns. */
export interface LiveObject extends ObjectName {
  readonly labels: Readonly<Record<string, string>>
  /** All fields except the metadata and the status. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * The kinds of objects that keel maintains, in the form of `kubectl get`. An object that others refer to comes before
 * them. If a kind is removed from this list, keel no longer looks for it, so it no longer removes its objects of that
 * kind.
 */
export const keptKinds: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ClusterRole: 'clusterroles.rbac.authorization.k8s.io',
  ClusterRoleBinding: 'clusterrolebindings.rbac.authorization.k8s.io',
  Role: 'roles.rbac.authorization.k8s.io',
  RoleBinding: 'rolebindings.rbac.authorization.k8s.io',
}

const managedBy = { key: 'app.kubernetes.io/managed-by', value: 'keel' }
const partOf = 'keel.internal/part'

/** Selects keel's objects. Another tool that is named keel may set the first label, but not the second. */
export const ownSelector = `${managedBy.key}=${managedBy.value},${partOf}`

/** Whether keel created the object, or somebody handed it over to keel. */
export function isOwn({ labels }: LiveObject): boolean {
  return labels[managedBy.key] === managedBy.value && labels[partOf] !== undefined
}

/** The labels that mark an object as keel's. */
export function ownLabels({ part }: Pick<ClusterObject, 'part'>): Readonly<Record<string, string>> {
  return { [managedBy.key]: managedBy.value, [partOf]: part }
}

/** The object in the form of `kubectl apply`. */
export function manifestOf({ apiVersion, kind, name, namespace, part, fields }: ClusterObject): Json {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels: ownLabels({ part }) }
  return { apiVersion, kind, metadata, ...fields }
}

/** The object in the form that people write, equal for the same object: `ServiceAccount keel-system/keel-agent`. */
export function describeObject({ kind, name, namespace }: ObjectName): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}
