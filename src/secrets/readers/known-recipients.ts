import {
  appendFileSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ownStateFile } from '../../files/own-state.ts'
import type { Recipient, Sha256 } from '../../model/brands.ts'

/*
 * What this user's keel itself knows about files with age1 recipients, whose stanzas name no reader: it has encrypted
 * them, or private keys have opened each stanza. secrets/recipients.json records the same for everybody else, but a
 * commit can change that.
 */

const FILE = 'encrypted-to'
/** A few thousand encryptions. Then keel forgets the older half, and proves it again when it matters. */
const MOST_BYTES = 4 << 20

export type KnownRecipients = ReadonlyMap<string, readonly string[]>

/** One line for each file: its hash and its recipients. A damaged line is ignored. */
export function knownRecipients(): KnownRecipients {
  const lines = readOwn().split('\n')
  return new Map(
    lines.flatMap((line): [string, readonly string[]][] => {
      const [hash = '', ...recipients] = line.split(' ')
      return /^[0-9a-f]{64}$/.test(hash) && recipients.length > 0 ? [[hash, recipients]] : []
    }),
  )
}

/** If keel can't write it, keel knows nothing the next time. */
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
    // keel can't write to the home folder
  }
}

/** Empty if there is none, or if somebody else could have written it. */
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
