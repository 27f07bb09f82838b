import { ExitCode, KeelError } from '../../errors.ts'

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** A duration as `90s`, `10m`, `8h` or `30d`, in seconds. @throws KeelError `usage` (exit 2) */
export function durationOf(option: string, text: string, most: number): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  const seconds = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? Number(count) * UNITS[unit] : 0
  if (seconds > 0 && seconds <= most) return seconds
  throw new KeelError({
    code: 'usage',
    at: option,
    found: text,
    todo: `give a duration such as 90s, 10m, 8h or 2d, of ${most / 3600} hours at most`,
    exit: ExitCode.Usage,
  })
}
