import { findInterrupted, type Interrupted } from '../../files/transaction/interrupted.ts'
import { STAGING } from '../../files/transaction/staging.ts'

/** What an interrupted change has left, for a command that writes nothing. */
export interface InterruptedChange {
  readonly kind: Interrupted
  readonly text: string
}

const TEXTS: Readonly<Record<Interrupted, string>> = {
  unfinished: 'a change of the inventory was interrupted and is half written (run keel rekey to finish it)',
  unstarted: 'a change of the inventory was interrupted before it changed a file (run keel rekey to remove it)',
  busy: 'another keel is writing here, or was killed on another machine: this command may read a half-written change',
  foreign:
    'you did not begin this change on this machine, so keel does not finish it (delete it; if git tracks it, run `git rm -r`)',
}

/** Writes nothing. */
export async function interruptedChange(directory: string): Promise<InterruptedChange | undefined> {
  const kind = await findInterrupted(directory)
  return kind && { kind, text: `${STAGING}: ${TEXTS[kind]}` }
}
