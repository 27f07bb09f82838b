/** What a group of processes uses. Bytes; processor time in nanoseconds. */
export interface Usage {
  readonly cpu: number
  /** Without what the kernel can take back at once: what counts for a limit, and for `kubectl top`. */
  readonly workingSet: number
  readonly memory: number
  /** Of programs themselves, not of files. */
  readonly rss: number
}

/** `name value` in lines: memory.stat, cpu.stat. */
export function statOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name = '', value] = /^([\w.()]+):? +(\d+)(?: kB)?$/.exec(line.trim()) ?? []
      return value === undefined ? [] : [[name, Number(value)] as const]
    }),
  )
}

/** @returns undefined for a text that is no number */
export function numberIn(text: string): number | undefined {
  return /^\d{1,19}\n?$/.test(text) ? Number(text) : undefined
}

/** The files of a cgroup that say how much memory there is (kernel, admin-guide/cgroup-v1/memory and cgroup-v2). */
export const MEMORY_FILES = {
  v1: { usage: 'memory.usage_in_bytes', inactive: 'total_inactive_file', rss: 'total_rss' },
  v2: { usage: 'memory.current', inactive: 'inactive_file', rss: 'anon' },
} as const

export function memoryOf(
  version: keyof typeof MEMORY_FILES,
  usage: string,
  stat: string,
): Omit<Usage, 'cpu'> | undefined {
  const memory = numberIn(usage)
  if (memory === undefined) return undefined
  const all = statOf(stat)
  const { inactive, rss } = MEMORY_FILES[version]
  return { memory, workingSet: Math.max(memory - (all.get(inactive) ?? 0), 0), rss: all.get(rss) ?? 0 }
}

/** Nanoseconds of one tick: USER_HZ is 100 on every architecture that keel runs on (time(7)). */
export const TICK = 10_000_000

/** Of the whole machine, from /proc/stat, /proc/meminfo (proc(5)). */
export function machineUsage(stat: string, meminfo: string): Usage {
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = (
    /^cpu +.*$/m.exec(stat)?.[0] ?? ''
  )
    .split(/ +/)
    .map(Number)
  const all = statOf(meminfo)
  const kib = (name: string) => (all.get(name) ?? 0) * 1024
  return {
    cpu: (user + nice + system + interrupts + soft + stolen) * TICK,
    workingSet: kib('MemTotal') - kib('MemAvailable'),
    memory: kib('MemTotal') - kib('MemFree'),
    rss: kib('AnonPages'),
  }
}

/** Milliseconds since 1970: when the machine was booted. */
export function bootTime(stat: string): number {
  return Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000
}
