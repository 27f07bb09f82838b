/** What /proc/PID/stat says of a process (proc(5)). Times in ticks of the kernel. */
export interface ProcessStat {
  /** One letter: `T` is stopped, `Z` a zombie. */
  readonly state: string
  /** Used by it and by its children that have ended. */
  readonly ticks: number
  /** Since the boot: with the number of the process, it is one process alone. */
  readonly began: number
}

/** @returns undefined for a text that is no such file's */
export function processStat(text: string): ProcessStat | undefined {
  // the name is in brackets, and can have brackets and spaces in it
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = ''] = fields
  const [used, own, ofChildren, ofChildrenSystem, began] = [11, 12, 13, 14, 19].map((at) => Number(fields[at]))
  const ticks = (used ?? 0) + (own ?? 0) + (ofChildren ?? 0) + (ofChildrenSystem ?? 0)
  if (!/^[A-Za-z]$/.test(state) || !Number.isSafeInteger(ticks) || began === undefined || !Number.isSafeInteger(began))
    return undefined
  return { state, ticks, began }
}
