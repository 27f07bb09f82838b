import type { Helper } from '../helper/helper.ts'
import type { ServicesReport } from './services-report.ts'
import { unitStates } from './unit-states.ts'

/** @throws HelperError */
export async function readServices(helper: Helper): Promise<ServicesReport> {
  return { services: unitStates(await helper.ask('look', 'services')) }
}
