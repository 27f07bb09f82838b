import { type Machine, watchMachine } from './watch-machine.ts'
import { type Units, watchUnits } from './watch-units.ts'

/**
 * Looks at the host again and again, and notes what has changed. It does nothing about it. Without its helper it still
 * sees the machine. Ends by `signal` alone.
 */
export function watchHost(wanted: Machine & Units): Promise<never> {
  return Promise.race([watchMachine(wanted), watchUnits(wanted)])
}
