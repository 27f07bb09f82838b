import { setTimeout as sleep } from 'node:timers/promises'
import type { Helper } from '../helper/helper.ts'
import { HelperError } from '../helper/helper-error.ts'
import type { Log } from '../log.ts'
import { readDrift } from '../routes/drift.ts'
import { watchServices } from '../services/watch-services.ts'
import type { EventRing } from './event-ring.ts'
import type { LastLook } from './last-look.ts'
import { noticedDrift, noticedUnits } from './notice.ts'

/** Milliseconds until the helper is asked again, after it has ended or failed. */
const ASK_AGAIN = 30_000
/** Looks at units for each comparison with the last deploy: it reads every file, for a second, so it comes each 15 minutes. */
const DRIFT_EVERY = 30

export interface Units {
  readonly helper: Helper
  readonly events: EventRing
  readonly look: LastLook
  readonly log: Log
  readonly signal: AbortSignal
}

/** What the helper sees: units, and what differs from the last deploy. */
export async function watchUnits({ helper, events, look, log, signal }: Units): Promise<never> {
  let failed: ReadonlySet<string> = new Set()
  let differs: ReadonlySet<string> = new Set()
  let said: string | undefined
  for (let count = 0; ; ) {
    try {
      for await (const services of watchServices(helper, signal)) {
        if (services !== undefined) {
          look.services = services
          const units = noticedUnits(failed, services)
          failed = units.failed
          units.events.forEach(events.add)
        }
        if (count++ % DRIFT_EVERY === 0) {
          look.drift = await readDrift(helper)
          const drift = noticedDrift(differs, look.drift.differences)
          differs = drift.differs
          drift.events.forEach(events.add)
        }
        said = undefined
      }
    } catch (error) {
      // a look that failed is no loss: the next one follows
      const reason = error instanceof HelperError ? error.message : `${error}`
      if (reason !== said && !signal.aborted) log.warn(`the host could not be looked at: ${reason}`)
      said = reason
    }
    await sleep(ASK_AGAIN, undefined, { signal })
  }
}
