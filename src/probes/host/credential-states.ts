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
  script: (places) =>
    places
      .map(
        ({ id, path }) => sh`
if [ -f ${path} ] && read -r source made < ${`${credentialRecords}/${id}`} 2>/dev/null && [ "$made" = "$(sha256sum < ${path} | cut -c1-64)" ] \
  && [ "$(stat -c '%a %U' ${path})" = '600 root' ]; then printf '%s\tintact\t%s\n' ${id} "$source"
elif [ -e ${path} ]; then printf '%s\tdamaged\n' ${id}
else printf '%s\tnone\n' ${id}
fi`,
      )
      .join('\n'),
  parse: (stdout) =>
    Object.fromEntries(
      rows(stdout).map(([id = '', kind, source = '']) => [
        id,
        kind === 'intact' ? { kind, source } : kind === 'damaged' ? { kind } : { kind: 'none' as const },
      ]),
    ),
}
