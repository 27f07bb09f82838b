import { appendFileSync, closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ownStateFile } from '../../files/own-state.ts'
import type { Recipient, Sha256 } from '../../model/brands.ts'

/*
 * What this user's keel knows by itself of files with age1 recipients, whose stanzas name nobody: it has encrypted
 * them, or private keys have opened each stanza. secrets/recipients.json says the same for everybody else, but a commit
 * can change that.
 */

const FILE = 'encrypted-to'
/** Some thousand encryptions; the older half is forgotten then, and proved anew where it matters. */
const MOST_BYTES = 4 << 20

export type KnownRecipients = ReadonlyMap<string, readonly string[]>

/** One line a file: its hash and its recipients. Nothing of a line that is damaged counts. */
export function knownRecipients(): KnownRecipients {
  const lines = readOwn().split('\n')
  return new Map(
    lines.flatMap((line): [string, readonly string[]][] => {
      const [hash = '', ...recipients] = line.split(' ')
      return /^[0-9a-f]{64}$/.test(hash) && recipients.length > 0 ? [[hash, recipients]] : []
    }),
  )
}

/** Where it can't be kept, nothing is known the next time. */
export function rememberRecipients(
  files: readonly { readonly sha256: Sha256; readonly recipients: readonly Recipient[] }[],
): void {
  const lines = files.map(({ sha256, recipients }) => `${[sha256, ...recipients.toSorted()].join(' ')}\n`).join('')
  if (lines === '') return
  try {
    const path = ownStateFile(FILE)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const before = readOwn()
    if (before.length > MOST_BYTES)
      writeFileSync(path, before.slice(before.indexOf('\n', before.length / 2) + 1), { mode: 0o600 })
    appendFileSync(path, lines, { mode: 0o600 })
  } catch {
    // a home that can't be written to
  }
}

/** Empty where there is none, and for one that somebody else could have written. */
function readOwn(): string {
  try {
    const file = openSync(ownStateFile(FILE), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const state = fstatSync(file)
      const isOurs = state.isFile() && state.uid === (process.getuid?.() ?? state.uid) && (state.mode & 0o022) === 0
      return isOurs && state.size <= 2 * MOST_BYTES ? readFileSync(file, 'utf8') : ''
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}
