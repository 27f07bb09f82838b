import { readFile, stat } from 'node:fs/promises'
import { hasCode } from '../../errors.ts'

/** Bytes of a file with a chain of certificates. */
const MOST_BYTES = 1_048_576

type Text = string | undefined

/**
 * What is made of files, made anew only when one of them has changed.
 * @param make from the texts of the files; undefined for one that is not there, or that is no file of PEM: a pipe, say,
 * or a gigabyte
 * @returns asks for it; with `true`, also if no file has changed
 */
export function whileUnchanged<Made>(
  paths: readonly string[],
  make: (...texts: readonly Text[]) => Made,
): (isAnew?: boolean) => Promise<Made> {
  let kept: { readonly stamps: string; readonly made: Made } | undefined
  return async (isAnew = false) => {
    // before the files are read: what is written meanwhile is seen at the next look
    const stamps = (await Promise.all(paths.map(stampOf))).join('\n')
    if (isAnew || kept?.stamps !== stamps) kept = { stamps, made: make(...(await Promise.all(paths.map(textOf)))) }
    return kept.made
  }
}

/** Every write of a file changes one of these. */
async function stampOf(path: string): Promise<string> {
  const found = await ifThere(stat(path, { bigint: true }))
  if (found === undefined) return 'none'
  const { dev, ino, size, mtimeNs, ctimeNs } = found
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

async function textOf(path: string): Promise<Text> {
  const found = await ifThere(stat(path))
  return found?.isFile() === true && found.size <= MOST_BYTES ? ifThere(readFile(path, 'utf8')) : undefined
}

async function ifThere<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}
