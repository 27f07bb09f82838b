import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import type { KeptIdentity } from '../identity/kept-identity.ts'
import type { Log } from '../log.ts'
import { readNode } from '../node/read-node.ts'
import type { EventRing } from './event-ring.ts'
import { noticedDisks } from './notice.ts'

/** Milliseconds between two looks. */
const LOOK_AGAIN = 30_000

export interface Machine {
  readonly name: HostName
  readonly identity: KeptIdentity
  readonly events: EventRing
  readonly log: Log
  readonly signal: AbortSignal
}

/** What the agent sees by itself: how full disks are, and its certificate. */
export async function watchMachine({ name, identity, events, log, signal }: Machine): Promise<never> {
  let low: ReadonlySet<string> = new Set()
  let certificate = fingerprintOf(identity)
  for (;;) {
    try {
      const disks = noticedDisks(low, (await readNode(name)).disks)
      low = disks.low
      disks.events.forEach(events.add)
    } catch (error) {
      // a look that failed is no loss: the next one follows
      log.warn(`the disks could not be looked at (${systemCode(error)})`)
    }
    const renewed = fingerprintOf(identity)
    if (renewed !== undefined && renewed !== certificate)
      events.add({
        kind: 'certificate-renewed',
        about: 'operational',
        message: `Kubernetes issued a certificate, until ${endOf(identity)}`,
      })
    certificate = renewed ?? certificate
    await sleep(LOOK_AGAIN, undefined, { signal })
  }
}

function fingerprintOf(identity: KeptIdentity): string | undefined {
  const { operational } = identity.current().states
  return typeof operational === 'string' ? undefined : operational.certificate.fingerprint256
}

function endOf(identity: KeptIdentity): string {
  const { operational } = identity.current().states
  return typeof operational === 'string' ? 'now' : operational.certificate.validToDate.toISOString()
}
