import { KeelError } from '../../errors.ts'
import { refusedByDisk, UNSEEN } from './refused-by-disk.ts'
import { findStaged, readJournal } from './staging.ts'

/**
 * What an interrupted change has left, for commands that only read. `foreign`: no keel of this user will complete it.
 */
export type Interrupted = 'unfinished' | 'unstarted' | 'busy' | 'foreign'

/** Writes nothing. @throws KeelError `inventory-file` (exit 2) if a link is in its place */
export async function findInterrupted(directory: string): Promise<Interrupted | undefined> {
  try {
    const found = await refusedByDisk(UNSEEN, () => findStaged(directory))
    if (found === undefined) return undefined
    if (found.owner !== 'gone') return 'busy'
    return (await readJournal(directory, found.staged)) === undefined ? 'unstarted' : 'unfinished'
  } catch (error) {
    if (error instanceof KeelError && error.code === 'secrets-journal') return 'foreign'
    throw error
  }
}
