import { describeFault, type Fault } from '../../errors.ts'
import type { Io } from './command.ts'

/** Tells of a fault that does not end the verb. */
export function complainOf(fault: Fault, { complain, run }: Pick<Io, 'complain' | 'run'>): void {
  complain(describeFault(fault))
  run.fault(fault)
}
