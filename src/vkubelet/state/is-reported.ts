import type { PodStatus } from './pod-status.ts'

/**
 * Whether the API server has a status already. Others add to it, and the API server itself does (qosClass), so only
 * what this Node reports is compared. Its conditions are compared by type.
 */
export function isReported(whole: unknown, { conditions, ...rest }: PodStatus): boolean {
  const found = isObject(whole) && Array.isArray(whole.conditions) ? whole.conditions : []
  const hasCondition = (wanted: PodStatus['conditions'][number]) =>
    found.some((one) => isObject(one) && one.type === wanted.type && contains(one, wanted))
  return contains(whole, rest) && conditions.every(hasCondition)
}

/** Whether a value has all that another one has. An empty object or list is as good as none: the API server drops it. */
function contains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    const list = Array.isArray(whole) ? whole : []
    return list.length === part.length && part.every((one, index) => contains(list[index], one))
  }
  if (!isObject(part)) return whole === part || (whole === undefined && (part === '' || part === undefined))
  return Object.entries(part).every(([key, value]) => contains(isObject(whole) ? whole[key] : undefined, value))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
