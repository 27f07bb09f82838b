import {
  type ClusterObject,
  describeObject,
  isOwn,
  keptKinds,
  type LiveObject,
  ownLabels,
} from '../../model/kubernetes/cluster-object.ts'
import type { ObjectOperation } from '../object-operation.ts'

/**
 * What Kubernetes never changes in an object that is there (kubernetes.io/docs/reference/access-authn-authz/rbac,
 * ClusterRoleBinding example).
 */
const fixedFields = ['roleRef']

/**
 * What has to happen to keel's objects in the API, in order. Fields that the inventory says nothing of are left to
 * anybody who sets them. Empty exactly when every wanted object is there as it should be, and no other is keel's. Pure.
 */
export function planObjects(wanted: readonly ClusterObject[], live: readonly LiveObject[]): readonly ObjectOperation[] {
  const found = new Map(live.map((object) => [describeObject(object), object]))
  const names = new Set(wanted.map(describeObject))
  const kinds = Object.keys(keptKinds)
  const dropped = live
    .filter((object) => isOwn(object) && !names.has(describeObject(object)))
    .toSorted((a, b) => kinds.indexOf(b.kind) - kinds.indexOf(a.kind))
  return [
    ...dropped.map((object): ObjectOperation => ({ op: 'remove-object', ...nameOf(object) })),
    ...wanted.flatMap((object) => applied(object, found.get(describeObject(object)))),
  ]
}

function applied(wanted: ClusterObject, live: LiveObject | undefined): readonly ObjectOperation[] {
  const apply = { op: 'apply-object', ...nameOf(wanted) } as const
  if (live === undefined) return [{ ...apply, why: 'missing', fields: [] }]
  const fields = [
    ...(covers(live.labels, ownLabels(wanted)) ? [] : ['labels']),
    ...Object.keys(wanted.fields).filter((field) => !covers(live.fields[field], wanted.fields[field])),
  ]
  if (fields.length === 0) return []
  return [{ ...apply, why: fields.some((field) => fixedFields.includes(field)) ? 'fixed' : 'differs', fields }]
}

function nameOf({ kind, name, namespace }: ClusterObject | LiveObject) {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

/**
 * Whether a value has all that is wanted of it. keel owns a list as a whole: an additional rule, subject or field would
 * be an additional right.
 */
function covers(live: unknown, wanted: unknown, exactly = false): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((item, index) => covers(live[index], item, true))
    )
  }
  if (!isRecord(wanted)) return live === wanted
  if (!isRecord(live) || (exactly && Object.keys(live).length !== Object.keys(wanted).length)) return false
  return Object.entries(wanted).every(([key, value]) => covers(live[key], value, exactly))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
