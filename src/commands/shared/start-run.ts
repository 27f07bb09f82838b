import { resolve } from 'node:path'
import { systemCode } from '../../errors.ts'
import { version } from '../../version.ts'
import type { Io, OptionSpec } from './command.ts'

/** How much a run says, and where it is logged: options of every verb. */
export interface RunInput {
  /** How often `-v` is there. */
  readonly verbose?: number
  readonly quiet?: boolean
  readonly log?: string
}

export const runOptions: readonly OptionSpec[] = [
  { flags: '-v, --verbose', summary: 'show each script that hosts run and its time; -vv also its text' },
  { flags: '-q, --quiet', summary: 'print only faults and results' },
  { flags: '--log <file>', summary: 'append all that happens to a file, with times and without secrets' },
]

/**
 * Begins the record of a run.
 * @param argv the command line, without what belongs to a program on a host: that may contain a secret
 * @throws KeelError `log-file` (exit 2)
 */
export async function startRun({ verbose = 0, quiet, log }: RunInput, argv: readonly string[], io: Io): Promise<void> {
  io.run.verbosity = quiet ? 'quiet' : ((['normal', 'scripts'] as const)[verbose] ?? 'texts')
  if (log === undefined) return
  const { LogFile } = await import('../../ui/run/log-file.ts')
  const path = resolve(io.cwd, log)
  const file = new LogFile(path, (error) =>
    io.complain(`warning: ${path}: keel can't write to its log any more (${systemCode(error)})`),
  )
  io.run.logTo(file, { event: 'begin', keel: version, node: process.versions.node, argv })
}
