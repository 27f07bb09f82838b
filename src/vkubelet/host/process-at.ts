import { readFile } from 'node:fs/promises'
import { hasCode } from '../../errors.ts'
import { type ProcessStat, processStat } from '../cgroups/process-stat.ts'

/** @returns undefined for a process that is gone @throws Error of the system */
export async function processAt(pid: number): Promise<ProcessStat | undefined> {
  try {
    return processStat(await readFile(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}
