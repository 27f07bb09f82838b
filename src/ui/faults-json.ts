import { type ExitCode, type Fault, plainFault } from '../errors.ts'
import { visibleJson } from './visible.ts'

/**
 * Whether a command line wants JSON. Looked up in the words as they are: also a line that can't be read is to be
 * answered so.
 */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

/**
 * The one form in which every verb with `--json` says why it did not do what it was asked to: a line on stdout
 * (docs/exit-codes.md).
 */
export function faultsJson(faults: readonly Fault[], exit: ExitCode): string {
  return visibleJson({ faults: faults.map(plainFault), exit })
}
