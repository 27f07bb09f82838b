import type { Allowed, ApproverPolicy } from '../../model/keel-agent/approver-policy.ts'
import { DerFault } from './request/read-der.ts'
import { type CertificateRequest, readRequest } from './request/read-request.ts'
import { isPending, type SigningRequest } from './signing-request.ts'

/** Why a request is denied: a word for machines, as the reason of its condition and of the Event. */
type DenialReason =
  | 'RequesterNotAllowed'
  | 'SignerNotAllowed'
  | 'RequestMalformed'
  | 'SubjectNotAllowed'
  | 'NamesNotAllowed'
  | 'UsagesNotAllowed'
  | 'LifetimeNotAllowed'
  | 'TooManyRequests'

interface Denial {
  readonly reason: DenialReason
  readonly message: string
}

export type Decision =
  /** It is decided already, or not the approver's business. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'approve'; readonly reason: 'AllowedByInventory'; readonly message: string }
  | ({ readonly kind: 'deny' } & Denial)

const leave: Decision = { kind: 'leave' }

/**
 * What to do with a request. It is the approver's business if its signer is one of the policy, and either its requester
 * or the name that it asks for is one of the policy. Pure.
 * @param earlier how many requests the node has made in the hour before this one
 */
export function decideRequest(policy: ApproverPolicy, request: SigningRequest, earlier: number): Decision {
  const { spec } = request
  if (!isPending(request) || !policy.signers.includes(spec.signerName)) return leave
  const contents = contentsOf(spec.request)
  const asker = { username: spec.username }
  const knowsRequester =
    policy.accounts.includes(asker.username) ||
    policy.allowed.some(({ requester }) => requester.username === asker.username)
  const knowsName =
    !(contents instanceof DerFault) && policy.allowed.some(({ subject }) => subject.commonName === contents.commonName)
  if (!knowsRequester && !knowsName) return leave
  const own = policy.allowed.filter(({ requester }) => isRequester(requester, spec))
  const [first] = own
  if (first === undefined)
    return deny('RequesterNotAllowed', `${shown(asker.username)} is not how an agent of the inventory asks`)
  const ofSigner = own.filter(({ signer }) => signer === spec.signerName)
  if (ofSigner.length === 0)
    return deny('SignerNotAllowed', `${first.node} needs no certificate of ${shown(spec.signerName)}`)
  if (contents instanceof DerFault) return deny('RequestMalformed', `the request has ${contents.message}`)
  const faults = ofSigner.map((allowed) => faultOf(allowed, spec, contents))
  const [fault] = faults
  if (fault !== undefined && !faults.includes(undefined)) return { kind: 'deny', ...fault }
  if (earlier >= policy.hourlyRequests) {
    const most = `more than ${policy.hourlyRequests} requests in an hour`
    return deny('TooManyRequests', `${first.node} made ${most}: see why in the journal of its keel-agent`)
  }
  return {
    kind: 'approve',
    reason: 'AllowedByInventory',
    message: `the inventory allows it to ${first.node}`,
  }
}

/** Whose request it is, if its requester is allowed anything: the node by which its requests are counted. */
export function nodeOf(policy: ApproverPolicy, { spec }: SigningRequest): string | undefined {
  return policy.allowed.find(({ requester }) => isRequester(requester, spec))?.node
}

function isRequester({ username, groups, extra }: Allowed['requester'], spec: SigningRequest['spec']): boolean {
  return (
    username === spec.username &&
    isSame(groups, spec.groups) &&
    Object.entries(extra).every(([key, values]) => isSame(values, spec.extra[key] ?? []))
  )
}

function faultOf(allowed: Allowed, spec: SigningRequest['spec'], wanted: CertificateRequest): Denial | undefined {
  const { subject, node, longestSeconds } = allowed
  if (wanted.commonName !== subject.commonName || !isSame(subject.organizations, wanted.organizations)) {
    const asked = shown(['CN=', wanted.commonName, ...wanted.organizations.map((name) => `, O=${name}`)].join(''))
    return { reason: 'SubjectNotAllowed', message: `${node} asks for the subject ${asked}` }
  }
  const strange = [
    ...wanted.dnsNames.filter((name) => !allowed.dnsNames.includes(name)),
    ...wanted.addresses.filter((address) => !allowed.addresses.includes(address)),
  ]
  if (strange.length > 0)
    return {
      reason: 'NamesNotAllowed',
      message: `${node} asks for a name that is not its own: ${shown(strange[0] ?? '')}`,
    }
  if (wanted.dnsNames.length + wanted.addresses.length === 0)
    return { reason: 'NamesNotAllowed', message: `${node} asks for a certificate without a name` }
  if (!allowed.usages.some((usages) => isSame(usages, spec.usages)))
    return { reason: 'UsagesNotAllowed', message: `${node} asks for the usages ${shown(spec.usages.join(', '))}` }
  if (longestSeconds === undefined) return undefined
  if (spec.expirationSeconds === undefined)
    return {
      reason: 'LifetimeNotAllowed',
      message: `${node} asks for no lifetime, so it would be the signer's longest`,
    }
  if (spec.expirationSeconds > longestSeconds) {
    const asked = `${spec.expirationSeconds} s, more than ${longestSeconds} s`
    return { reason: 'LifetimeNotAllowed', message: `${node} asks for ${asked}` }
  }
  return undefined
}

function contentsOf(base64: string): CertificateRequest | DerFault {
  try {
    return readRequest(Buffer.from(base64, 'base64').toString('latin1'))
  } catch (error) {
    if (error instanceof DerFault) return error
    throw error
  }
}

function deny(reason: DenialReason, message: string): Decision {
  return { kind: 'deny', reason, message }
}

/** The same texts in any order, each once. */
function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.toSorted().join('\n') === others.toSorted().join('\n')
}

/** A stranger's words in a message. */
function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
