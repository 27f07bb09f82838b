import type { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostName } from '../../model/brands.ts'
import type { AgentConfig } from '../../model/keel-agent/agent-config.ts'
import type { KeptIdentity } from '../identity/kept-identity.ts'
import { ApiError, apiReason } from '../kubernetes/api.ts'
import { type Credentials, type Places, readCredentials } from '../kubernetes/credentials.ts'
import { signedRequest } from '../kubernetes/signed-request.ts'
import type { Log } from '../log.ts'
import { certificateRequest } from './certificate-request.ts'
import { faultOf } from './issued-certificate.ts'
import { keepPair } from './keep-pair.ts'
import { pauseAfter, renewAt } from './schedule.ts'

interface Wanted {
  readonly name: HostName
  readonly configuration: AgentConfig
  readonly places: Places
  readonly identity: KeptIdentity
  readonly log: Log
  readonly signal: AbortSignal
  /** Gets what is in the way of a new certificate, when that changes; undefined: nothing. */
  readonly tell: (problem: string | undefined) => void
}

/** Milliseconds between two looks at the clock, which may jump. */
const LOOK_AGAIN = 5_000

/**
 * Keeps an operational certificate from Kubernetes, for ever: requests one as soon as there are credentials, and again
 * before it ends. It ends by `signal` alone, and with its reason.
 */
export async function keepRenewed({
  name,
  configuration,
  places,
  identity,
  log,
  signal,
  tell,
}: Wanted): Promise<never> {
  let failures = 0
  let random = Math.random()
  let said: string | undefined
  for (;;) {
    const { operational } = identity.current().states
    const isDue = typeof operational === 'string' || Date.now() >= dueAt(operational.certificate, random)
    if (!isDue) {
      tell(undefined)
      await sleep(LOOK_AGAIN, undefined, { signal })
      continue
    }
    const { credentials, unusable } = await readCredentials(places)
    if (unusable !== said && unusable !== undefined) log.warn(unusable)
    said = unusable
    if (credentials === undefined) {
      tell(unusable ?? 'there are no credentials for Kubernetes yet')
      await sleep(LOOK_AGAIN, undefined, { signal })
      continue
    }
    try {
      await renew({ name, configuration, places, signal })
      await identity.look()
      log.info('✓ K8s operational certificates initialized')
      failures = 0
      random = Math.random()
      // also where it can't be read back: else a request would follow at once, for ever
      await sleep(LOOK_AGAIN, undefined, { signal })
    } catch (error) {
      signal.throwIfAborted()
      failures += 1
      const pause = pauseAfter(failures, Math.random())
      tell(apiReason(error))
      log.warn(`no new operational certificate: ${apiReason(error)}; the next try is in ${Math.round(pause / 1000)} s`)
      await sleep(pause, undefined, { signal })
    }
  }
}

function dueAt({ validFromDate, validToDate }: X509Certificate, random: number): number {
  return renewAt({ from: validFromDate.getTime(), to: validToDate.getTime() }, random)
}

async function renew({
  name,
  configuration,
  places,
  signal,
}: Omit<Wanted, 'identity' | 'log' | 'tell'>): Promise<void> {
  const { seconds } = configuration.operational
  const { key, request } = certificateRequest(name, configuration.names)
  const certificate = await signedRequest(
    () => needed(places),
    {
      request,
      prefix: `keel-agent-${name}-`,
      seconds,
      approvesOwn: configuration.kubernetes.approvesOwn,
    },
    signal,
  )
  const wrong = faultOf({ certificate, key }, { node: name, names: configuration.names, longest: seconds }, Date.now())
  if (wrong !== undefined) throw new ApiError(`the certificate from Kubernetes is ${wrong}`)
  await keepPair(configuration.operational, { certificate, key })
}

async function needed(places: Places): Promise<Credentials> {
  const { credentials } = await readCredentials(places)
  if (credentials === undefined) throw new ApiError('the credentials for Kubernetes are gone')
  return credentials
}
