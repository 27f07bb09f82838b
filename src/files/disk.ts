import { closeSync, fsync, openSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { hasCode } from '../errors.ts'

/*
 * Everything except the sync to disk is a synchronous call: for a small file, node's thread pool costs more time than
 * the call, and a rekey makes hundreds of them.
 */

export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await namesIfThere(folder)) ?? []
}

/** Undefined if there is no such folder. */
export async function namesIfThere(folder: string): Promise<readonly string[] | undefined> {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Creates a file that survives a power cut. Fails if the file already exists. */
export async function writeDurably(path: string, contents: Uint8Array): Promise<void> {
  const file = openSync(path, 'wx', 0o644)
  try {
    writeFileSync(file, contents)
    await sync(file)
  } finally {
    closeSync(file)
  }
}

export async function syncDirectory(path: string): Promise<void> {
  const folder = openSync(path, 'r')
  try {
    await sync(folder)
  } finally {
    closeSync(folder)
  }
}

const sync = promisify(fsync)

/** @returns false if there is nothing to rename, or no folder for it */
export async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** Not recursive, so that files of others stay. */
export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error
  }
}
