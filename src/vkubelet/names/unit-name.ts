import { createHash } from 'node:crypto'
import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import type { ContainerRef } from './container-ref.ts'

/** systemd's UNIT_NAME_MAX is 256, with the final NUL (src/basic/unit-name.h). */
export const LONGEST_UNIT_NAME = 255

/** Characters of a Pod's name that a shortened one keeps, for people. */
const KEPT = 40

/**
 * The unit of a container: `vks.NAMESPACE.POD.CONTAINER.service`. Namespaces and containers have no dots, so the name can
 * be read back. A name that is too long for systemd has a shortened Pod: `_` is in no Pod's name, so it is never
 * that of another Pod.
 */
export function unitName({ namespace, pod, container }: ContainerRef): string {
  const whole = `vks.${namespace}.${pod}.${container}.service`
  return whole.length <= LONGEST_UNIT_NAME ? whole : `vks.${namespace}.${shortened(pod)}.${container}.service`
}

/** What a unit's name says. */
export interface ReadUnitName {
  readonly namespace: string
  readonly container: string
  /** Absent where the name has a shortened one: then only the unit itself says it. */
  readonly pod?: string
}

/** @returns undefined for the name of no container */
export function readUnitName(unit: string): ReadUnitName | undefined {
  const [, namespace = '', pod = '', container = ''] = /^vks\.([^.]+)\.(.+)\.([^.]+)\.service$/.exec(unit) ?? []
  if (!isDnsLabel(namespace) || !isDnsLabel(container)) return undefined
  if (isPodName(pod)) return { namespace, pod, container }
  return /^[-.a-z0-9]{40}_[0-9a-f]{32}$/.test(pod) ? { namespace, container } : undefined
}

/** RFC 1123 subdomain (apimachinery, IsDNS1123Subdomain): unlike a host's name it may end in a number. */
export function isPodName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)
}

function shortened(pod: string): string {
  return `${pod.slice(0, KEPT)}_${digestOf(pod)}`
}

/** 128 bits: nobody finds two names with the same. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
