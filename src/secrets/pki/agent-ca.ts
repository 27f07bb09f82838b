import { ExitCode, KeelError } from '../../errors.ts'
import { AGENT_CA_CERTIFICATE_FILE } from '../../model/keel-agent/agent-ca.ts'
import { readCertificates, verifyPair } from './read-ca.ts'
import { type Ca, selfSignedCa } from './self-signed-ca.ts'

/**
 * The CA that signs the keel-agents' first certificates, and those of their clients. It signs no other CA.
 * @param now in milliseconds
 */
export function makeAgentCa(now: number): Ca {
  const commonName = `keel-agent-ca@${Math.floor(now / 1000)}`
  return selfSignedCa({ commonName, usages: ['keyCertSign'], pathLength: 0 }, now)
}

/** Refuses what is not one certificate of a CA. @throws KeelError `agent-ca` (exit 2) */
export function checkAgentCa(certificate: string): void {
  const [first, ...others] = readCertificates(Buffer.from(certificate), badAgentCa)
  if (first?.ca !== true) throw badAgentCa('a certificate that is not a CA')
  if (others.length > 0) throw badAgentCa('more than one certificate')
}

/** Refuses a key and a certificate that do not belong together. @throws KeelError `agent-ca` (exit 2) */
export function verifyAgentCa(ca: Ca): void {
  checkAgentCa(ca.certificate)
  verifyPair(ca, badAgentCa)
}

export function badAgentCa(found: string, why?: string): KeelError {
  return new KeelError({
    code: 'agent-ca',
    at: AGENT_CA_CERTIFICATE_FILE,
    found,
    ...(why === undefined ? {} : { why }),
    todo: 'restore the certificate and its key from the same commit',
    exit: ExitCode.Usage,
  })
}

export function noAgentCa(): KeelError {
  return new KeelError({
    code: 'agent-ca-missing',
    at: AGENT_CA_CERTIFICATE_FILE,
    found: 'there is no CA for the keel-agents yet',
    why: 'it signs the certificates of the agents and of their clients',
    todo: 'keel rekey, then commit the new files of secrets/',
    exit: ExitCode.Usage,
  })
}
