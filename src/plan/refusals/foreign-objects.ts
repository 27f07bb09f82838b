import type { Fault } from '../../errors.ts'
import type { Access } from '../../model/distribution/access.ts'
import {
  type ClusterObject,
  describeObject,
  isOwn,
  type LiveObject,
  ownLabels,
} from '../../model/kubernetes/cluster-object.ts'

/** Objects that are where keel wants its own, and that somebody else has made: no deploy takes them over. Pure. */
export function foreignObjects(
  wanted: readonly ClusterObject[],
  live: readonly LiveObject[],
  at: string,
  { kubectl }: Pick<Access, 'kubectl'>,
): readonly Fault[] {
  const parts = new Map(wanted.map((object) => [describeObject(object), object]))
  return live.flatMap((object): Fault[] => {
    const own = parts.get(describeObject(object))
    if (own === undefined || isOwn(object)) return []
    const labels = Object.entries(ownLabels(own)).map(([key, value]) => `${key}=${value}`)
    const where = own.namespace === undefined ? '' : `--namespace ${own.namespace} `
    const gone = own.kind === 'Namespace' ? ', with all that is in it' : ''
    return [
      {
        code: 'foreign-object',
        at,
        found: `${describeObject(own)} exists in the cluster's API, but not from keel`,
        why: `keel would change it with every deploy, and delete it${gone} when you remove it from the inventory`,
        todo: `delete it, or hand it over to keel: \`${kubectl.join(' ')} ${where}label ${own.kind.toLowerCase()} ${own.name} ${labels.join(' ')}\``,
      },
    ]
  })
}
