import type { Fault } from '../../errors.ts'
import type { NodeFailure } from '../../node-client/node-lines.ts'
import { timed } from '../../ui/run/lines.ts'
import { visibleJson } from '../../ui/visible.ts'
import type { Io } from '../shared/command.ts'
import { complainOf } from '../shared/complain-of.ts'

/** Tells that a host's agent gave no more, for a person or as a line for a program. */
export function tellFailure(failure: NodeFailure, { json }: { readonly json?: boolean }, io: Io): Fault {
  if (json) io.stdout.write(`${visibleJson(timed(failure))}\n`)
  else complainOf(failure.fault, io)
  return failure.fault
}
