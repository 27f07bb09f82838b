import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { ExitCode, hasCode, KeelError } from '../errors.ts'
import { notWritten } from '../files/not-written.ts'

const MOST_BYTES = 16 << 20

/**
 * The file that kubectl would add a cluster to: of those in KUBECONFIG the first that exists, else the last; without
 * it `~/.kube/config`. Source: kubernetes.io/docs/reference/kubectl/generated/kubectl_config
 */
export function defaultKubeconfig(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '')
  return named.find((file) => existsSync(file)) ?? named.at(-1) ?? join(home, '.kube/config')
}

/**
 * Replaces a kubeconfig by what `change` makes of it: all or nothing, readable by its owner alone. A link is followed:
 * it is the user's own. It is written to `FILE.lock`, which is what kubectl's own lock is called: neither program
 * overwrites what the other writes. kubectl locks the link, and two links may lead to one file, so keel locks both.
 * Synchronous, so that no signal ends keel half-way.
 * @param change gets what is in the file, undefined where there is none
 * @throws KeelError `kubeconfig-locked`, `kubeconfig-no-file`, `not-written`; what `change` throws
 */
export function changeKubeconfig(named: string, change: (text: string | undefined) => string): void {
  try {
    mkdirSync(dirname(named), { recursive: true, mode: 0o700 })
    const file = followed(named)
    const lock = openLock(file)
    let link: Lock | undefined
    try {
      if (isLink(named)) link = openLock(named)
      const there = read(file)
      writeFileSync(lock.fd, change(there?.text))
      fchmodSync(lock.fd, 0o600)
      if (there !== undefined && process.getuid?.() === 0) fchownSync(lock.fd, there.stats.uid, there.stats.gid)
      fsyncSync(lock.fd)
      renameSync(lock.path, file)
    } catch (error) {
      rmSync(lock.path, { force: true })
      throw error
    } finally {
      closeSync(lock.fd)
      if (link !== undefined) release(link)
    }
  } catch (error) {
    throw notWritten(error, named)
  }
}

interface Lock {
  readonly path: string
  readonly fd: number
}

function release({ path, fd }: Lock): void {
  closeSync(fd)
  rmSync(path, { force: true })
}

function openLock(file: string): Lock {
  const path = `${file}.lock`
  try {
    return { path, fd: openSync(path, 'wx', 0o600) }
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    throw new KeelError({
      code: 'kubeconfig-locked',
      at: file,
      found: `${path} is there`,
      why: 'kubectl or another keel is changing this file, or was killed while it did',
      todo: `run the command again; if nothing else runs, remove ${path}`,
      exit: ExitCode.Locked,
    })
  }
}

/** Does not wait for what is no file: a pipe. */
function read(file: string): { readonly text: string; readonly stats: Stats } | undefined {
  let fd: number
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw noFile(file, 'no regular file')
    if (stats.size > MOST_BYTES) throw noFile(file, `${stats.size} bytes`)
    return { text: readFileSync(fd, 'utf8'), stats }
  } finally {
    closeSync(fd)
  }
}

function followed(named: string): string {
  if (existsSync(named)) return realpathSync(named)
  if (isLink(named)) throw noFile(named, 'a link to a file that is not there')
  return named
}

function isLink(named: string): boolean {
  return lstatSync(named, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

function noFile(at: string, found: string): KeelError {
  return new KeelError({
    code: 'kubeconfig-no-file',
    at,
    found,
    todo: 'name another file with --out FILE',
    exit: ExitCode.Usage,
  })
}
