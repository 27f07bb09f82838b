import { closeSync, constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs'
import { Redactor } from '../../deploy/redact.ts'
import { ExitCode, hasCode, KeelError, systemCode } from '../../errors.ts'
import { visibleJson } from '../visible.ts'
import { type LogEntry, type LogLine, timed } from './lines.ts'

/** A file to which keel appends a line for each thing that happens: `--log`. */
export class LogFile {
  readonly #descriptor: number
  readonly #onFailure: (error: unknown) => void
  readonly #redactor = new Redactor()
  #isBroken = false

  /**
   * Opens the file, or creates it for this user alone. If its name is a link, that is not followed; links among its
   * folders are. It is refused before anything is written if somebody else could have put it there or can read it.
   * @param onFailure called once when a line can't be written; the run goes on
   * @throws KeelError `log-file` (exit 2)
   */
  constructor(path: string, onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure
    this.#descriptor = open(path)
    const found = unfit(fstatSync(this.#descriptor))
    if (found === undefined) return
    closeSync(this.#descriptor)
    throw refused(path, found)
  }

  /** One write, so that lines of two keels in one file do not mix. */
  add(entry: LogEntry): void {
    if (this.#isBroken) return
    try {
      const line: LogLine = timed({ pid: process.pid, ...entry })
      // no entry has a secret of keel's; what a user or a host has put in a name may look like one
      writeSync(this.#descriptor, `${this.#redactor.clean(visibleJson(line))}\n`)
    } catch (error) {
      this.#isBroken = true
      this.#onFailure(error)
    }
  }
}

function open(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    // non-blocking, because a pipe without a reader would hold keel for ever
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  } catch (error) {
    if (hasCode(error, 'ELOOP')) throw refused(path, ['is a symbolic link', 'name the file itself'])
    if (hasCode(error, 'ENXIO')) throw refused(path, NO_FILE)
    throw refused(path, [`keel cannot open it (${systemCode(error)})`, 'name a file in a folder of your own'])
  }
}

type Refusal = readonly [found: string, todo: string]
const NO_FILE: Refusal = ['is not a regular file', 'name a file']

function unfit({ mode, uid, nlink }: Stats): Refusal | undefined {
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) return NO_FILE
  if (uid !== process.getuid?.()) return [`belongs to another user (uid ${uid})`, 'name a file of your own']
  if (nlink !== 1) return ['has another name too (a hard link)', 'name a file of its own']
  if ((mode & 0o077) !== 0)
    return [
      `others can read or write it (mode ${(mode & 0o777).toString(8)})`,
      'run `chmod 600` on it, or name another file',
    ]
  return undefined
}

function refused(at: string, [found, todo]: Refusal): KeelError {
  return new KeelError({
    code: 'log-file',
    at,
    found,
    why: 'keel writes its log only to a file that belongs to you alone',
    todo,
    exit: ExitCode.Usage,
  })
}
