import type { Access } from '../../model/distribution/access.ts'
import { type ClusterObject, describeObject, keptKinds, manifestOf } from '../../model/kubernetes/cluster-object.ts'
import type { ObjectOperation } from '../../plan/object-operation.ts'
import { clusterObjects, listOf } from '../../probes/cluster/cluster-objects.ts'
import { sh } from '../../templates/shell-quote.ts'

/**
 * Runs on a server: carries operations out in their order, and prints what `clusterObjects` parses. It overwrites what
 * others have set in keel's fields.
 */
export function objectsScript(
  access: Access,
  wanted: readonly ClusterObject[],
  operations: readonly ObjectOperation[],
): string {
  const gone = operations.flatMap((operation) =>
    operation.op === 'remove-object' || (operation.op === 'apply-object' && operation.why === 'fixed')
      ? [deleted(access, operation)]
      : [],
  )
  const named = new Set(
    operations.flatMap((operation) => (operation.op === 'apply-object' ? [describeObject(operation)] : [])),
  )
  const applied = wanted.filter((object) => named.has(describeObject(object)))
  const apply = sh`${access.kubectl} apply --server-side --field-manager=keel --force-conflicts --request-timeout=30s --filename=- <<<${listOf(applied.map(manifestOf))} >/dev/null`
  return ['set -e', ...gone, ...(applied.length === 0 ? [] : [apply]), clusterObjects.script({ access, wanted })].join(
    '\n',
  )
}

function deleted(
  { kubectl }: Access,
  { kind, name, namespace }: Extract<ObjectOperation, { readonly name: string }>,
): string {
  const where = namespace === undefined ? [] : [`--namespace=${namespace}`]
  return sh`${kubectl} delete --ignore-not-found --timeout=60s ${where} ${`${keptKinds[kind]}/${name}`} >/dev/null`
}
