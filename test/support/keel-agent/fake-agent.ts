import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { issueCertificate } from '../../../src/secrets/pki/issue-certificate.ts'
import type { Ca } from '../../../src/secrets/pki/self-signed-ca.ts'

interface Shown {
  readonly ca: Ca
  /** The common name: `system:node:maia`. */
  readonly name: string
  readonly organization?: string
  readonly names?: readonly string[]
  /** Milliseconds from now. */
  readonly from?: number
  readonly to?: number
}

/** What a server shows in TLS. */
export function shownBy({ ca, name, organization, names = ['maia'], from = -60_000, to = 3_600_000 }: Shown) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const cert = issueCertificate(ca, {
    publicKey,
    subject: [...(organization === undefined ? [] : ([['O', organization]] as const)), ['CN', name]],
    purpose: 'server',
    names,
    from: now + from,
    to: now + to,
  })
  return { cert, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }
}

/** A server in an agent's place, which answers what a test wants. */
export async function fakeAgent(
  shown: ReturnType<typeof shownBy>,
  clientCa: string,
  answer: RequestListener,
): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(
    { ...shown, ca: clientCa, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
    answer,
  )
  server.listen(0)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, server }
}
