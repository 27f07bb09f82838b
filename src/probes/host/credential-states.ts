import { type Probe, rows } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

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

/** Which credentials the host holds, and what they were made from. Reads ciphertext only. */
export const credentialStates: Probe<readonly CredentialPlace[], Readonly<Record<string, CredentialState>>> = {
  name: 'credential-states',
  // all at once, because starting a program for each takes longer than its work
  script: (places) =>
    // without a file, sha256sum would read the script's stdin
    places.length === 0
      ? ''
      : `declare -A owners=() digests=()
${sh`places=(${places.map(({ path }) => path)})`}
while IFS=$'\\t' read -r path owner; do owners[$path]=$owner; done < <(stat --printf '%n\\t%a %U\\n' -- "\${places[@]}" 2>/dev/null)
while IFS= read -r -d '' row; do digests[\${row:66}]=\${row:0:64}; done < <(sha256sum --zero -- "\${places[@]}" 2>/dev/null)
credential_state() {
  if [ -f "$2" ] && read -r source made 2>/dev/null < ${credentialRecords}/"$1" && [ "$made" = "\${digests[$2]-}" ] &&
    [ "\${owners[$2]-}" = '600 root' ]; then printf '%s\\tintact\\t%s\\n' "$1" "$source"
  elif [ -e "$2" ]; then printf '%s\\tdamaged\\n' "$1"
  else printf '%s\\tnone\\n' "$1"
  fi
}
${places.map(({ id, path }) => sh`credential_state ${id} ${path}`).join('\n')}`,
  parse: (stdout) =>
    Object.fromEntries(
      rows(stdout).map(([id = '', kind, source = '']) => [
        id,
        kind === 'intact' ? { kind, source } : kind === 'damaged' ? { kind } : { kind: 'none' as const },
      ]),
    ),
}
