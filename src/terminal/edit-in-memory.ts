import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { access, constants, mkdtemp, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { constants as os } from 'node:os'
import { join } from 'node:path'
import { ExitCode, hasCode, KeelError, systemCode } from '../errors.ts'

export interface EditRequest {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The name of the file, which the editor shows. */
  readonly name: string
  readonly text: Uint8Array
}

/** statfs(2): file systems that are only in memory. */
const MEMORY = new Set([0x01021994 /* TMPFS_MAGIC */, 0x858458f6 /* RAMFS_MAGIC */])
const PREFIX = 'keel-edit-'

/**
 * Lets a person edit a text with $VISUAL, $EDITOR or vi. It is in a file (0600, in a folder 0700) on a memory file
 * system. keel removes it when the editor ends, and when keel must end. After a SIGKILL the next edit removes it.
 * @returns the text that the editor left
 * @throws KeelError `edit-no-memory` (exit 2) if there is no memory file system, or it is full; `edit-failed` (exit 1)
 * if the editor failed
 */
export async function editInMemory({ env, name, text }: EditRequest): Promise<Buffer> {
  const parent = await memoryFolder(env)
  await sweep(parent)
  const folder = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`)).catch((cause) => noRoom(parent, cause))
  const file = join(folder, name)
  using guard = new Guard(folder)
  await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch((cause) => noRoom(parent, cause))
  await runEditor(env, file, guard)
  return await readFile(file).catch((cause) => {
    throw failed('the editor took the file away', cause)
  })
}

/** Removes the folder at the end, in every case. */
class Guard implements Disposable {
  /** The editor ends with keel, because its file is gone. */
  editor: ChildProcess | undefined
  readonly #remove: () => void
  // the editor gets the signal too, and may use it for something else, so it does not interrupt keel
  readonly #ignore = () => undefined
  readonly #interrupted = process.listeners('SIGINT')
  readonly #end = (signal: NodeJS.Signals) => {
    this.#remove()
    this.editor?.kill(signal)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }

  constructor(folder: string) {
    this.#remove = () => rmSync(folder, { recursive: true, force: true })
    process.on('exit', this.#remove)
    process.on('SIGINT', this.#ignore)
    for (const listener of this.#interrupted) process.off('SIGINT', listener)
    for (const signal of ENDING) process.on(signal, this.#end)
  }

  [Symbol.dispose]() {
    process.off('exit', this.#remove)
    for (const listener of this.#interrupted) process.on('SIGINT', listener)
    process.off('SIGINT', this.#ignore)
    for (const signal of ENDING) process.off(signal, this.#end)
    this.#remove()
  }
}

const ENDING = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

async function memoryFolder(env: EditRequest['env']): Promise<string> {
  const seen: string[] = []
  for (const folder of [env.XDG_RUNTIME_DIR, '/dev/shm'].filter((one) => one !== undefined && one !== '')) {
    const found = await statfs(folder ?? '').catch(() => undefined)
    const isMemory = found !== undefined && MEMORY.has(Number(found.type))
    // after `su` the variable may name the folder of another user
    if (isMemory && (await isOurs(folder ?? ''))) return folder ?? ''
    seen.push(`${folder} ${found === undefined ? 'is not there' : isMemory ? "can't be written to" : 'is on a disk'}`)
  }
  throw noMemory(`no memory file system to edit in: ${seen.join(', ')}`)
}

function isOurs(folder: string): Promise<boolean> {
  return access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
}

function noRoom(parent: string, cause: unknown): never {
  throw noMemory(`${parent}, a memory file system, can't take the text (${systemCode(cause)})`, cause)
}

function noMemory(found: string, cause?: unknown): KeelError {
  return new KeelError({
    code: 'edit-no-memory',
    found,
    why: 'keel writes no secret in clear to a disk, where it stays readable after it was deleted',
    todo: 'change the value through pipes: keel secret show NAME | … | keel secret set NAME',
    exit: ExitCode.Usage,
    cause,
  })
}

/** Removes what a killed keel has left: folders of processes that no longer run. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    // the folder of another user can't be removed, and is not ours
    if (pid !== undefined && !runs(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/**
 * Like git and crontab: the variable may contain arguments, so a shell splits it. After a Ctrl-C, the editor decides
 * the result.
 */
async function runEditor(env: EditRequest['env'], file: string, guard: Guard): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || 'vi'
  const child = spawn('sh', ['-c', `trap : INT; ${editor} "$@"`, 'sh', file], { stdio: 'inherit', env: { ...env } })
  guard.editor = child
  const end = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : os.signals[signal])))
  })
  if (end !== 0) throw failed(`the editor (${editor}) ended with ${end}`)
}

function failed(found: string, cause?: unknown): KeelError {
  return new KeelError({
    code: 'edit-failed',
    found: `${found}; nothing was changed`,
    todo: 'name an editor in VISUAL or EDITOR that waits until you are done (code --wait), then run this again',
    cause,
  })
}
