import { pathToFileURL } from 'node:url'
import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import { sha256OfFile } from './artifact-cache.ts'

/** The SHA-256 of a file of the user. @throws KeelError `pin-file` if it can't be read */
export async function ownBinary(file: string): Promise<{ url: string; sha256: Sha256 }> {
  const sha256 = await sha256OfFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new KeelError({
      code: 'pin-file',
      at: file,
      ...(cause.code === 'ENOENT'
        ? { found: 'no such file', todo: 'correct the path: `--file ARCH=PATH`' }
        : { found: `this file can't be read: ${cause.code ?? cause.message}` }),
      cause,
    })
  })
  return { url: pathToFileURL(file).href, sha256 }
}
