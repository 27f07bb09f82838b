import { rows } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'
import type { PathState } from './path-states.ts'

/**
 * `damaged`: the encrypted file is not the one keel stored. `source` says from which encrypted files of the inventory
 * it was made.
 */
export type CredentialState =
  | { readonly kind: 'none' }
  | { readonly kind: 'intact'; readonly source: string }
  | { readonly kind: 'damaged' }

export interface CredentialPlace {
  readonly id: string
  readonly path: string
}

/** Where keel notes, per credential, the source's digest and the digest of the encrypted file it made of it. */
export const credentialRecords = '/var/lib/keel/credentials'

/**
 * What keel noted of each credential. The host answers for their files with its other paths (`pathStates`), because
 * starting programs for them once more takes longer than their work.
 */
export const credentialNotes = {
  name: 'credential-notes',
  script: (places: readonly CredentialPlace[]) =>
    [
      `credential_note() {
  local source='' made=''
  read -r source made 2>/dev/null < ${credentialRecords}/"$1"
  printf '%s\\t%s\\t%s\\t%s\\n' "$1" "$2" "$source" "$made"
}`,
      ...places.map(({ id, path }) => sh`credential_note ${id} ${path}`),
    ].join('\n'),
  /** Which credentials the host holds, and what they were made from: of ciphertext only. */
  parse: (stdout: string, paths: Readonly<Record<string, PathState>>): Readonly<Record<string, CredentialState>> =>
    Object.fromEntries(
      rows(stdout).map(([id = '', path = '', source = '', made = '']) => [id, stateOf(paths[path], source, made)]),
    ),
}

function stateOf(state: PathState | undefined, source: string, made: string): CredentialState {
  if (state === undefined || state.kind === 'none') return { kind: 'none' }
  const asStored = state.kind === 'file' && state.sha256 === made && state.mode === '0600' && state.owner === 'root'
  return asStored ? { kind: 'intact', source } : { kind: 'damaged' }
}
