import { findInterrupted, type Interrupted } from '../../files/transaction/interrupted.ts'
import { STAGING } from '../../files/transaction/staging.ts'

/** What lies there of an interrupted change, for a command that writes nothing. */
export interface InterruptedChange {
  readonly kind: Interrupted
  readonly text: string
}

const TEXTS: Readonly<Record<Interrupted, string>> = {
  unfinished: 'a change of the inventory was interrupted and is half written (keel rekey finishes it)',
  unstarted: 'a change of the inventory was interrupted before it changed a file (keel rekey clears it away)',
  busy: 'another keel is writing here, or was killed on another machine: what this command reads may be half of its change',
  foreign: 'you did not write this on this machine, so keel does not carry it out (delete it; `git rm -r` where git tracks it)',
}

/** Writes nothing. */
export async function interruptedChange(directory: string): Promise<InterruptedChange | undefined> {
  const kind = await findInterrupted(directory)
  return kind && { kind, text: `${STAGING}: ${TEXTS[kind]}` }
}
