import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import type { SimulatedHost } from './simulated-host.ts'

/** The unit of the one container of the sample Pod. */
export const UNIT = 'vks.default.uptimed.uptimed.service'
/** What is to be done on a host next. */
export const kinds = (host: SimulatedHost) => reconcile(host.world()).map(({ kind }) => kind)
/** What the status of a Pod says of one container. */
export const stateOf = (host: SimulatedHost, uid: string, list = 'containerStatuses', index = 0) =>
  (host.statusOf(uid)[list] as Readonly<Record<string, unknown>>[])[index]
