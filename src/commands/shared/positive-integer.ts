import { ExitCode, KeelError } from '../../errors.ts'

/** The value of an option as a whole number above zero. @throws KeelError `usage` (exit 2) */
export function positiveInteger(option: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!/^[1-9][0-9]{0,6}$/.test(value)) {
    throw new KeelError({
      code: 'usage',
      at: option,
      found: value,
      todo: 'give a whole number from 1 to 9999999',
      exit: ExitCode.Usage,
    })
  }
  return Number(value)
}
