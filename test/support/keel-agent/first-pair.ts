import { generateKeyPairSync } from 'node:crypto'
import { sshEcdsaBlob } from '../../../src/model/keys/ssh-ecdsa.ts'
import type { FirstCertificate, FirstPair } from '../../../src/parts/keel-agent/first-certificate.ts'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import { issueCertificate } from '../../../src/secrets/pki/issue-certificate.ts'
import type { Ca } from '../../../src/secrets/pki/self-signed-ca.ts'

export const agentCa = makeAgentCa(Date.now())
export const DAY = 24 * 60 * 60 * 1000

/** What a host says of the pair that keel has signed for it, at a time in milliseconds. */
export function firstPairOf(
  { node, names }: Omit<FirstCertificate, 'ca'>,
  { now = Date.now(), ca = agentCa }: { readonly now?: number; readonly ca?: Ca } = {},
): FirstPair {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = issueCertificate(ca, {
    publicKey,
    subject: [['CN', `system:node:${node}`]],
    purpose: 'server',
    names: [node, ...names],
    from: now - DAY,
    to: now + 365 * DAY,
  })
  return {
    modes: ['600 root root', '600 root root'],
    certificate: Buffer.from(certificate).toString('base64'),
    publicKey: sshEcdsaBlob(publicKey).toString('base64'),
    now: Math.floor(now / 1000),
  }
}
