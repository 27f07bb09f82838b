import type { DriftReport } from '../routes/drift.ts'
import type { ServiceReport } from '../services/services-report.ts'

/** What the last look has found, for the metrics: nobody who asks often makes the host work. */
export interface LastLook {
  services?: readonly ServiceReport[]
  drift?: DriftReport
}
