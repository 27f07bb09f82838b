import * as z from 'zod'
import { capabilitiesOf } from './capabilities.ts'
import { refusalsOf } from './field.ts'
import { containerSecurityFields, podSecurityFields } from './fields.ts'
import type { Security } from './pod.ts'
import type { Refusal } from './refusal.ts'

/** 2³¹-1: as the API server checks it (apimachinery, IsValidUserID). */
const id = z.int().min(0).max(2_147_483_647)
const names = z.array(z.string().max(64)).max(64).nullish()

const ofBoth = {
  runAsUser: id.nullish(),
  runAsGroup: id.nullish(),
  runAsNonRoot: z.boolean().nullish(),
  seccompProfile: z.looseObject({ type: z.string() }).nullish(),
}

export const podSecuritySchema = z.looseObject({ ...ofBoth, fsGroup: id.nullish() })
export const containerSecuritySchema = z.looseObject({
  ...ofBoth,
  capabilities: z.looseObject({ add: names, drop: names }).nullish(),
  allowPrivilegeEscalation: z.boolean().nullish(),
  readOnlyRootFilesystem: z.boolean().nullish(),
})

type OfPod = z.output<typeof podSecuritySchema>
type OfContainer = z.output<typeof containerSecuritySchema>

/** The path of the container's own security context is `path.securityContext`. What it has counts before the Pod's. */
export function readSecurity(
  ofPod: OfPod,
  ofContainer: OfContainer,
  path: string,
): { readonly security: Security; readonly refusals: readonly Refusal[] } {
  const at = `${path}.securityContext`
  const user = ofContainer.runAsUser ?? ofPod.runAsUser ?? 0
  const group = ofContainer.runAsGroup ?? ofPod.runAsGroup ?? undefined
  const seccomp = (ofContainer.seccompProfile ?? ofPod.seccompProfile)?.type ?? 'Unconfined'
  const { add, drop } = ofContainer.capabilities ?? {}
  const capabilities = capabilitiesOf(add ?? [], drop ?? [])
  const refusals: Refusal[] = [...refusalsOf(ofContainer, containerSecurityFields, at)]
  if (user === 0 && (ofContainer.runAsNonRoot ?? ofPod.runAsNonRoot) === true)
    refusals.push({ path: `${at}.runAsNonRoot`, why: 'without runAsUser the container would be root' })
  if (!['RuntimeDefault', 'Unconfined'].includes(seccomp))
    refusals.push({ path: `${at}.seccompProfile`, why: 'a unit has no seccomp profile of a file' })
  if ('refused' in capabilities)
    refusals.push({
      path: `${at}.capabilities.add`,
      why: `with ${capabilities.refused.replace(/\W/g, '?')} a process leaves its sandbox`,
    })
  // so has the entry in passwd that the program adds for a user whom the host does not have
  if (group !== undefined && group !== user)
    refusals.push({ path: `${at}.runAsGroup`, why: 'a unit of a user has the group with the same number' })
  return {
    refusals,
    security: {
      user,
      ...(group === undefined ? {} : { group }),
      capabilities: 'refused' in capabilities ? [] : capabilities,
      mayGainPrivileges: ofContainer.allowPrivilegeEscalation ?? true,
      isRootReadOnly: ofContainer.readOnlyRootFilesystem ?? false,
      isSeccompDefault: seccomp === 'RuntimeDefault',
    },
  }
}

/**
 * What of the Pod's own security context this Node does not run.
 * @param users of all its containers
 */
export function podSecurityRefusals(ofPod: OfPod, users: readonly number[]): readonly Refusal[] {
  const refusals = refusalsOf(ofPod, podSecurityFields, 'spec.securityContext')
  // systemd gives a unit no group that the host does not have, so the files have one owner instead (volume-owner.ts)
  if (isSet(ofPod.fsGroup) && ofPod.fsGroup !== 0 && new Set(users.filter((user) => user !== 0)).size > 1)
    return [...refusals, { path: 'spec.securityContext.fsGroup', why: 'its containers have different users' }]
  return refusals
}

function isSet(value: number | null | undefined): value is number {
  return value !== null && value !== undefined
}
