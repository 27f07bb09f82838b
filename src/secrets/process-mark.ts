import { readFileSync } from 'node:fs'
import { hasCode } from '../errors.ts'

/**
 * What tells a process from a later one with the same number: the boot and the time at which it started (proc(5), field 22 of stat).
 * @returns undefined when no such process runs; `running` where there is no /proc
 */
export function processMark(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs, as somebody else
    if (!hasCode(error, 'EPERM')) return undefined
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // the name, field 2, may hold anything, parentheses too
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}:${started}`
  } catch {
    return 'running'
  }
}
