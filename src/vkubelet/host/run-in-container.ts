import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from '../../errors.ts'
import { EXEC_UNIT, type ExecStreams, execUnit, execUnitName } from '../exec/exec-unit.ts'
import type { CommandQuery } from '../remote-command/command-query.ts'
import type { Outcome } from '../remote-command/exit-status.ts'
import type { TerminalSize } from '../remote-command/terminal-size.ts'
import { unitText } from '../units/unit-text.ts'
import { joinCgroupOf } from './cgroup-of.ts'
import { holdFifo, makeFifos, readFifo, writeFifo } from './fifos.ts'
import { lookAt, mainProcess } from './look-at.ts'
import { processAt } from './process-at.ts'
import { systemctl } from './systemctl.ts'
import { makeTerminal, type Terminal } from './terminal.ts'
import { writeAtomically } from './write-atomically.ts'

/** Where the units of commands and their pipes are. Empty after a boot. */
export interface ExecFolders {
  readonly units: string
  readonly execs: string
}

interface Wanted {
  readonly folders: ExecFolders
  readonly container: { readonly unit: string; readonly text: string; readonly together: readonly string[] }
  readonly query: CommandQuery
}

/** A command that runs. Its streams end with it, or a little later where others write on them. */
export interface RunningCommand {
  readonly stdin?: Writable
  readonly stdout?: Readable
  readonly stderr?: Readable
  resize(size: TerminalSize): Promise<void>
  /** Nobody waits for it any more. */
  end(): void
  readonly outcome: Promise<Outcome>
}

/** Milliseconds: between two looks whether it runs still, and until it has to be where it begins. */
const LOOK_AGAIN = 50
const LONGEST_START = 10_000

/**
 * Runs a command in the sandbox, the cgroup and the environment of a container, as its user.
 * @throws Error of the system, or systemctl's words
 */
export async function runInContainer({ folders, container, query }: Wanted): Promise<RunningCommand> {
  const id = randomBytes(8).toString('hex')
  const unit = execUnitName(id)
  const folder = join(folders.execs, id)
  const cleanUp = () => remove(folders, unit, folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const ends = query.tty ? await terminalEnds(folder) : await pipeEnds(folder, query)
    try {
      const sections = execUnit({ ...container, command: query.command, streams: ends.streams })
      await mkdir(folders.units, { recursive: true, mode: 0o755 })
      await writeAtomically(join(folders.units, unit), unitText(sections), 0o644)
      // a new file needs no daemon-reload
      await systemctl('start', '--', unit)
      const pid = await begin(unit, container.unit)
      const open = await ends.begun()
      const outcome = ended(folders, unit, pid)
        .finally(() => ends.ended())
        .finally(cleanUp)
      return {
        ...open,
        resize: ends.resize,
        end: () => void systemctl('stop', '--no-block', '--', unit).catch(() => undefined),
        outcome,
      }
    } catch (error) {
      ends.failed()
      throw error
    }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/** Removes what a program that was killed has left: its commands have nobody who waits for them. */
export async function removeCommands(folders: ExecFolders): Promise<void> {
  const names = await readdir(folders.units).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  for (const unit of names) if (EXEC_UNIT.test(unit)) await remove(folders, unit, undefined)
  await rm(folders.execs, { recursive: true, force: true })
}

async function remove({ units }: ExecFolders, unit: string, folder: string | undefined): Promise<void> {
  // one that was never loaded can't be stopped
  await systemctl('stop', '--', unit).catch(() => undefined)
  await systemctl('reset-failed', '--', unit).catch(() => undefined)
  await rm(join(units, unit), { force: true })
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
}

interface Ends {
  readonly streams: ExecStreams
  /** This side of its streams, when it has opened the other one. */
  begun(): Promise<Pick<RunningCommand, 'stdin' | 'stdout' | 'stderr'>>
  resize(size: TerminalSize): Promise<void>
  /** The command has ended; what it has written may be on its way. */
  ended(): void
  /** There is no command. */
  failed(): void
}

async function terminalEnds(folder: string): Promise<Ends> {
  const told = join(folder, 'terminal')
  await makeFifos([told])
  const terminal: Terminal = await makeTerminal(told)
  return {
    streams: { kind: 'terminal', path: terminal.path },
    begun: async () => ({ stdin: terminal.input, stdout: terminal.output }),
    resize: (size) => terminal.resize(size),
    ended: () => terminal.close(),
    failed: () => terminal.close(),
  }
}

async function pipeEnds(folder: string, query: CommandQuery): Promise<Ends> {
  const names = (['stdin', 'stdout', 'stderr'] as const).filter((name) => query[name])
  const paths = Object.fromEntries(names.map((name) => [name, join(folder, name)]))
  const { stdin, stdout, stderr } = paths
  await makeFifos(Object.values(paths))
  // before the unit starts: systemd waits for the other side of each
  const release = stdin === undefined ? undefined : await holdFifo(stdin)
  const [out, err] = await Promise.all(
    [stdout, stderr].map((path) => (path === undefined ? undefined : readFifo(path))),
  )
  let input: Writable | undefined
  return {
    streams: {
      kind: 'pipes',
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
    },
    async begun() {
      input = stdin === undefined ? undefined : await writeFifo(stdin)
      // a command that does not read what it gets
      input?.on('error', () => undefined)
      await release?.()
      return {
        ...(input === undefined ? {} : { stdin: input }),
        ...(out === undefined ? {} : { stdout: out }),
        ...(err === undefined ? {} : { stderr: err }),
      }
    },
    resize: async () => undefined,
    ended: () => input?.destroy(),
    failed() {
      for (const one of [input, out, err]) one?.destroy()
      release?.().catch(() => undefined)
    },
  }
}

/** Moves the command into the cgroup of its container, where it stands still, and lets it go. */
async function begin(unit: string, container: string): Promise<number> {
  const [pid, target] = await Promise.all([mainProcess(unit), mainProcess(container)])
  if (target === undefined) throw new Error('the container does not run any more')
  for (const until = performance.now() + LONGEST_START; ; await sleep(2)) {
    const state = pid === undefined ? undefined : (await processAt(pid))?.state
    if (pid !== undefined && state === 'T') {
      await joinCgroupOf(target, pid)
      process.kill(pid, 'SIGCONT')
      return pid
    }
    if (state === undefined || performance.now() > until) throw new Error('the command did not begin')
  }
}

async function ended(folders: ExecFolders, unit: string, pid: number): Promise<Outcome> {
  const began = (await processAt(pid))?.began
  const isThere = async () => {
    const now = began === undefined ? undefined : await processAt(pid)
    return now !== undefined && now.began === began && now.state !== 'Z'
  }
  while (await isThere()) await sleep(LOOK_AGAIN)
  for (const until = performance.now() + LONGEST_START; performance.now() < until; await sleep(LOOK_AGAIN)) {
    const { shown } = await lookAt(folders, unit)
    if (shown?.end !== undefined) return { kind: 'exited', code: shown.end.exitCode }
    if (shown === undefined || shown.active === 'inactive' || shown.active === 'unknown') break
  }
  return { kind: 'failed', message: 'the command was ended' }
}
