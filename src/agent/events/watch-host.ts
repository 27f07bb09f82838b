import { setTimeout as sleep } from 'node:timers/promises'
import type { HostName } from '../../model/brands.ts'
import type { Helper } from '../helper/helper.ts'
import { HelperError } from '../helper/helper-error.ts'
import type { KeptIdentity } from '../identity/kept-identity.ts'
import type { Log } from '../log.ts'
import { readNode } from '../node/read-node.ts'
import { type DriftReport, readDrift } from '../routes/drift.ts'
import { readServices } from '../services/services.ts'
import type { ServiceReport } from '../services/services-report.ts'
import type { EventRing } from './event-ring.ts'
import { noticedDisks, noticedDrift, noticedUnits } from './notice.ts'

/** Milliseconds between two looks, which take some 50 ms of processor time. */
const LOOK_AGAIN = 30_000
/** Looks for which the comparison with the last deploy is left out: it reads every file, so it comes each 15 minutes. */
const DRIFT_EVERY = 30

/** What the last look has found, for the metrics: nobody who asks often makes the host work. */
export interface LastLook {
  services?: readonly ServiceReport[]
  drift?: DriftReport
}

interface Wanted {
  readonly name: HostName
  readonly helper: Helper
  readonly identity: KeptIdentity
  readonly events: EventRing
  readonly look: LastLook
  readonly log: Log
  readonly signal: AbortSignal
}

/** Looks at the host again and again, and notes what has changed. It does nothing about it. Ends by `signal` alone. */
export async function watchHost({ name, helper, identity, events, look, log, signal }: Wanted): Promise<never> {
  let failed: ReadonlySet<string> = new Set()
  let low: ReadonlySet<string> = new Set()
  let differs: ReadonlySet<string> = new Set()
  let certificate = fingerprintOf(identity)
  let said: string | undefined
  for (let count = 0; ; count++) {
    try {
      const disks = noticedDisks(low, (await readNode(name)).disks)
      low = disks.low
      disks.events.forEach(events.add)
      const renewed = fingerprintOf(identity)
      if (renewed !== undefined && renewed !== certificate)
        events.add({
          kind: 'certificate-renewed',
          about: 'operational',
          message: `Kubernetes issued a certificate, until ${endOf(identity)}`,
        })
      certificate = renewed ?? certificate
      look.services = (await readServices(helper)).services
      const units = noticedUnits(failed, look.services)
      failed = units.failed
      units.events.forEach(events.add)
      if (count % DRIFT_EVERY === 0) {
        look.drift = await readDrift(helper)
        const drift = noticedDrift(differs, look.drift.differences)
        differs = drift.differs
        drift.events.forEach(events.add)
      }
      said = undefined
    } catch (error) {
      // a look that failed is no loss: the next one follows
      const reason = error instanceof HelperError ? error.message : `${error}`
      if (reason !== said) log.warn(`the host could not be looked at: ${reason}`)
      said = reason
    }
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
