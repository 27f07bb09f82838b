import { KeelError } from '../../errors.ts'

export const UNCHANGED = (why: string) => `writing failed: ${why}; nothing was changed`
export const GOES_ON = (why: string) => `writing failed: ${why}; the next keel command here continues it`
export const UNSEEN = (why: string) => `keel can't see whether it contains an interrupted change: ${why}`

/** Turns a refusal of the system into a sentence. Other errors stay unchanged. */
export async function refusedByDisk<T>(found: (why: string) => string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KeelError || !(error instanceof Error && 'code' in error)) throw error
    throw new KeelError({
      code: 'secrets-not-written',
      at: 'path' in error ? `${error.path}` : 'secrets',
      found: found(sentence(`${error.code}`)),
      todo: 'check free space, permissions and the path, then run the command again',
      cause: error,
    })
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EISDIR: 'there is a folder in place of a file',
  ENOTDIR: 'there is a file in place of a folder',
}

function sentence(code: string): string {
  const known = SENTENCES[code]
  return known === undefined ? code : `${known} (${code})`
}
