import { describeFault } from '../../errors.ts'
import { KNOWN_MINORS } from '../../model/k3s/k3s-version.ts'
import { outOfSupport } from '../../model/kubernetes/out-of-support.ts'
import { dayOf } from '../../model/kubernetes/support-window.ts'
import type { Io } from './command.ts'

/** Notes that upstream no longer supports the version of an inventory. */
export function noteSupport(version: string, io: Pick<Io, 'note' | 'now'>): void {
  const ended = outOfSupport(version, dayOf(io.now()), KNOWN_MINORS)
  if (ended !== undefined) io.note(`note: ${describeFault({ ...ended, at: 'hosts/cluster' })}`)
}
