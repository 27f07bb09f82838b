import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { growingPause } from '../../agent/growing-pause.ts'
import type { Credential, Unusable } from '../../agent/identity/credential.ts'
import { ApiError, apiReason } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { Log } from '../../agent/log.ts'
import { certificateRequest } from '../../agent/operational/certificate-request.ts'
import { issuedFault, nodeSubject } from '../../agent/operational/issued-certificate.ts'
import { pauseAfter, renewAt } from '../../agent/operational/schedule.ts'
import { systemCode } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import type { Issuer } from './issuer.ts'
import type { KeptCredentials, Kind } from './kept-credentials.ts'

interface Wanted {
  readonly node: HostName
  /** The addresses of this Node, which the certificate to serve with has to have. */
  readonly addresses: readonly string[]
  readonly issuer: Issuer
  readonly kept: KeptCredentials
  readonly log: Log
  readonly signal: AbortSignal
  /** There is a new certificate. */
  readonly changed: () => void
  /** Milliseconds between two looks at the clock, which may jump. */
  readonly lookAgain?: number
}

/** Seconds: a signer's certificates last a year, and one that lasts for ever was issued by mistake. */
const LONGEST = 2 * 365 * 24 * 60 * 60
const LOOK_AGAIN = 2_000
/** Between tries to join: on a server that founds its cluster the API comes seconds after this program. */
const JOINING = { shortest: 1_000, longest: 60_000 }

/** Keeps both certificates of a Node valid, for ever. It ends by `signal` alone, and with its reason. */
export async function keepCredentials(wanted: Wanted): Promise<never> {
  // a program that was killed before it could
  if (typeof wanted.kept.get('client') !== 'string') await haveJoined(wanted)
  return Promise.race([keep(wanted, 'client'), keep(wanted, 'serving')])
}

async function haveJoined({ issuer, log }: Wanted): Promise<void> {
  try {
    await issuer.joined?.()
  } catch (error) {
    log.warn(`what was for the join alone is still there: ${systemCode(error)}`)
  }
}

async function keep(wanted: Wanted, kind: Kind): Promise<never> {
  const { kept, log, signal, changed, lookAgain = LOOK_AGAIN } = wanted
  let failures = 0
  let random = Math.random()
  for (;;) {
    const client = kept.get('client')
    // who serves has to be somebody first
    const isTurn = kind === 'client' || typeof client !== 'string'
    if (!isTurn || !isDue(wanted, kind, kept.get(kind), random)) {
      await sleep(lookAgain, undefined, { signal })
      continue
    }
    try {
      await renew(wanted, kind, client)
      log.info(`has a new ${kind} certificate, until ${endOf(kept.get(kind))}`)
      changed()
      failures = 0
      random = Math.random()
      // also where it is due again: else a request would follow at once, for ever
      await sleep(lookAgain, undefined, { signal })
    } catch (error) {
      signal.throwIfAborted()
      failures += 1
      const isJoining = kind === 'client' && typeof client === 'string'
      const pause = isJoining ? growingPause(JOINING, failures) : pauseAfter(failures, Math.random())
      log.warn(`no new ${kind} certificate: ${apiReason(error)}; the next try is in ${Math.round(pause / 1000)} s`)
      await sleep(pause, undefined, { signal })
    }
  }
}

function isDue({ node, addresses, issuer, kept }: Wanted, kind: Kind, found: Credential | Unusable, random: number) {
  if (typeof found === 'string') return true
  const { validFromDate, validToDate } = found.certificate
  if (Date.now() >= renewAt({ from: validFromDate.getTime(), to: validToDate.getTime() }, random)) return true
  if (kind === 'client') return false
  // the host has another address by now, or another name
  const { chain: certificate, key } = found
  const expected = { subject: issuer.servingSubject, names: [node, ...addresses], longest: LONGEST }
  return !kept.hasClientCa || issuedFault({ certificate, key }, expected, Date.now()) !== undefined
}

async function renew(wanted: Wanted, kind: Kind, client: Credential | Unusable): Promise<void> {
  const { node, addresses, issuer, kept } = wanted
  const own = typeof client === 'string' ? undefined : client
  const asked = certificateRequest(node, kind === 'client' ? undefined : addresses)
  const { key } = asked
  if (kind === 'client') {
    const certificate = await issuer.client(asked, own)
    refuse(issuedFault({ certificate, key }, { subject: nodeSubject(node), names: [], longest: LONGEST }, Date.now()))
    await kept.keep(kind, { certificate, key })
    return haveJoined(wanted)
  }
  if (own === undefined) throw new ApiError('this Node has no client certificate')
  const certificate = await issuer.serving(asked, own)
  const expected = { subject: issuer.servingSubject, names: [node, ...addresses], longest: LONGEST }
  refuse(issuedFault({ certificate, key }, expected, Date.now()))
  await kept.keepClientCa(await issuer.clientCa(own))
  await kept.keep(kind, { certificate, key })
}

function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new ApiError(`the new certificate is ${fault}`)
}

function endOf(found: Credential | Unusable): string {
  return typeof found === 'string' ? found : found.certificate.validToDate.toISOString()
}

/** How this Node asks the API server: with the certificate that it has now. @throws ApiError while it has none */
export function credentialsOf(issuer: Issuer, kept: KeptCredentials): () => Promise<Credentials> {
  // a connection that is cut ends its requests in seconds, and each certificate has connections of its own
  const connections = new Agent({ keepAlive: true })
  return async () => {
    const client = kept.get('client')
    if (typeof client === 'string') throw new ApiError('this Node has no client certificate yet')
    return {
      server: await issuer.server(),
      ca: Buffer.from(await issuer.serverCa()),
      cert: Buffer.from(client.chain),
      key: Buffer.from(client.key),
      connections,
    }
  }
}
