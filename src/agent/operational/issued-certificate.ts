import { isIP } from 'node:net'
import { credentialOf } from '../identity/credential.ts'
import type { Pair } from './keep-pair.ts'
import { renewAt } from './schedule.ts'

interface Requested {
  readonly node: string
  readonly names: readonly string[]
  /** Seconds. */
  readonly longest: number
}

/** Signers count from a little earlier, and clocks differ. */
const SLACK = 60 * 60 * 1000

/**
 * What is wrong with a certificate that Kubernetes has issued: clients that trust its CA would refuse it, or the agent
 * would keep it for longer than it should.
 * @param now milliseconds
 */
export function faultOf(pair: Pair, { node, names, longest }: Requested, now: number): string | undefined {
  return issuedFault(pair, { subject: nodeSubject(node), names: [node, ...names], longest }, now)
}

/** The subject of a Node's certificates for the API server, as node writes it. */
export function nodeSubject(node: string): string {
  return `O=system:nodes\nCN=system:node:${node}`
}

interface Expected {
  /** As node writes it: a line for each part. */
  readonly subject: string
  readonly names: readonly string[]
  /** Seconds. */
  readonly longest: number
}

/** The same for a certificate of any subject and names. */
export function issuedFault(
  { certificate: chain, key }: Pair,
  { subject, names, longest }: Expected,
  now: number,
): string | undefined {
  const found = credentialOf(chain, key, now)
  if (typeof found === 'string') return found
  const { certificate } = found
  if (certificate.subject !== subject) return 'of another subject'
  const isFor = (name: string) =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
  const missing = names.find((name) => !isFor(name))
  if (missing !== undefined) return `not for ${missing}`
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()]
  if (to > now + longest * 1000 + SLACK) return 'valid for longer than requested'
  // with a clock that is wrong by days, the next request would follow at once, for ever
  return renewAt({ from, to }, 0) <= now ? 'to be renewed already, by the clock of this machine' : undefined
}
