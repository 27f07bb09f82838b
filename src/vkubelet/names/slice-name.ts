import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import type { PodRef } from './container-ref.ts'
import { digestOf, isPodName, LONGEST_UNIT_NAME } from './unit-name.ts'

/**
 * The slice of a Pod, directly below that of all Pods. In the name of a slice each `-` begins another level
 * (systemd.slice(5)), so those of Kubernetes are escaped (systemd.unit(5), String Escaping).
 */
export function sliceName({ namespace, pod }: PodRef): string {
  const name = `${namespace}.${pod}`
  const whole = `vks-${name.replaceAll('-', '\\x2d')}.slice`
  return whole.length <= LONGEST_UNIT_NAME ? whole : `vks-_${digestOf(name)}.slice`
}

/** @returns undefined for the slice of no Pod, and for one whose name is a digest */
export function readSliceName(unit: string): PodRef | undefined {
  const [, escaped = ''] = /^vks-([^-]+)\.slice$/.exec(unit) ?? []
  const name = escaped.replaceAll('\\x2d', '-')
  const dot = name.indexOf('.')
  const [namespace, pod] = [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)]
  return isDnsLabel(namespace) && isPodName(pod) ? { namespace, pod } : undefined
}
