import { type ExitCode, type Fault, plainFault } from '../errors.ts'
import { type FaultsLine, timed } from './run/lines.ts'
import { visibleJson } from './visible.ts'

/**
 * Whether a command line asks for JSON. This searches the arguments themselves, so a command line that keel cannot
 * parse gets its answer as JSON too.
 */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

/**
 * The line on stdout with which every verb with `--json` says why it did not do what the user asked
 * (docs/json.md).
 */
export function faultsJson(faults: readonly Fault[], exit: ExitCode): string {
  const line: FaultsLine = { faults: faults.map(plainFault), exit }
  return visibleJson(timed(line))
}
