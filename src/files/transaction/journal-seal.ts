import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { hasCode } from '../../errors.ts'
import { ownStateFile } from '../own-state.ts'
import { machineId } from './process-mark.ts'

/*
 * The next user who runs keel executes a journal, so a journal must not come with a commit. Each user has a key on each
 * machine, outside of every inventory. keel seals with it what it leaves for a later keel.
 */

const KEY_FILE = 'journal-key'
const KEY_BYTES = 32

/**
 * A seal that only this user can make, on this machine, for this inventory. Undefined if there is no place for the key:
 * then keel ignores the journal.
 */
export function sealOf(directory: string, what: unknown): string | undefined {
  const key = readKey() ?? makeKey()
  return key && mac(key, directory, what)
}

export function isSealed(directory: string, what: unknown, seal: string | undefined): boolean {
  const key = readKey()
  if (key === undefined || seal === undefined) return false
  const [expected, given] = [Buffer.from(mac(key, directory, what)), Buffer.from(seal)]
  return expected.length === given.length && timingSafeEqual(expected, given)
}

function mac(key: Uint8Array, directory: string, what: unknown): string {
  const said = JSON.stringify([machineId(), process.getuid?.(), realpathSync(directory), what])
  return createHmac('sha256', key).update(said).digest('hex')
}

/** Undefined if there is none, or if somebody else could have written or read it. */
function readKey(): Buffer | undefined {
  try {
    const file = openSync(keyFile(), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { uid, mode, size } = fstatSync(file)
      const isOurs = uid === (process.getuid?.() ?? uid) && (mode & 0o077) === 0 && size === KEY_BYTES
      return isOurs ? readFileSync(file) : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

/** If several processes create it at once, all get the same one. */
function makeKey(): Buffer | undefined {
  try {
    const path = keyFile()
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const draft = `${path}.${randomBytes(8).toString('hex')}`
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(file, randomBytes(KEY_BYTES))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    try {
      linkSync(draft, path)
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    } finally {
      unlinkSync(draft)
    }
    return readKey()
  } catch {
    // if keel can't write to the home folder, it still makes the change; after a power cut the user must then clean up
    // by hand
    return undefined
  }
}

function keyFile(): string {
  return ownStateFile(KEY_FILE)
}
