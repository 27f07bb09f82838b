import { sh } from '../../templates/shell-quote.ts'

const folder = '/run/keel-firewall'
/** What nft prints of keel's table, without counters and handles, which differ each time. */
export const listing = 'nft --stateless list table inet keel'

/**
 * What nft printed of the table right after it had loaded it, beside the rules that it loaded. It tells whether the
 * kernel still has these without loading them once more, which takes most of the time of a look at a host. Where the
 * record does not fit, it says nothing: nft may have another version since, or the record was cut off.
 */
export const loadedRecord = {
  /** For `sh -c`, with the path of the rules as its first argument. The listing last: a record without one never fits. */
  making: `mkdir -pm 0700 ${folder} && cd ${folder} && : >listed && cp -- "$0" rules && ${listing} >listed`,
  /** Bash: whether `$live`, a listing of now, is what the rules at this path gave. */
  fits: (rules: string) =>
    sh`{ [ "$live" = "$(< ${`${folder}/listed`})" ] && [ "$(< ${rules})" = "$(< ${`${folder}/rules`})" ]; } 2>/dev/null`,
}
