/** What is between the characters that separate names, values and the items of a list. */
export const PIECE = /[^\s"'`=:,;()[\]{}<>|&\0]+/g

/**
 * What has the form of a token, whatever its name: of age, a JWT, of a cloud; or a long random text, as the tokens of
 * k3s. A checksum has that form, too: its key says so.
 * @param before the end of what is before the piece in its line
 */
export function looksSecret(piece: string, before: string): boolean {
  return (
    /AGE-SECRET-KEY|^eyJ|^AKIA|^gh[a-z]_|^glpat-|^xox[a-z]-/.test(piece) ||
    (/[A-Za-z0-9+/_-]{24}/.test(piece) && /[a-z]/.test(piece) && /[A-Z]/.test(piece) && /\d/.test(piece)) ||
    (/[0-9a-f]{32}/i.test(piece) && !/(?:sha256|digest|checksum)[\w-]*["']?[:=\s]+["']?$/i.test(before))
  )
}

/** A number with its unit, an address, a version, a path of plain words, `true` and the like. */
export function isHarmless(piece: string): boolean {
  return (
    /^(?:true|false|yes|no|on|off|null|none|~|[-#*%\\/]+)$/.test(piece) ||
    /^v?\d{1,5}(?:[smhdkKMGT]|ms|us|[KMGT]i?B?|%)?$/.test(piece) ||
    /^v?\d{1,3}(?:\.\d{1,3}){1,3}(?:[-+](?:k[38]s\d{0,2}|rc\d{0,2}|\d{1,2})){0,2}(?:\/\d{1,3})?(?:[sKMGT]|ms|[KMGT]i?B?)?$/.test(
      piece,
    ) ||
    isPowerOfTwo(piece) ||
    isPlainPath(piece)
  )
}

/** `1048576`, as limits are. A longer number of another kind may be a PIN or a code. */
function isPowerOfTwo(piece: string): boolean {
  return /^\d{1,9}$/.test(piece) && Number.isInteger(Math.log2(Number(piece)))
}

export function isPlainPath(piece: string): boolean {
  return /^(?:\/[^/]+){2,}\/?$/.test(piece) && isPlain(piece)
}

/** Whether each run of letters and digits is an everyday word, or a short number. */
export function isPlain(piece: string): boolean {
  return /^[\w./-]+$/.test(piece) && (piece.match(/[A-Za-z0-9]+/g) ?? []).every((word) => PLAIN_WORD.test(word))
}

/** `memory`, `HTTP`, `ExecStart`, `24`, `k3s`, `v2`. */
const PLAIN_WORD =
  /^(?:[a-z]{1,16}|[A-Z]{1,8}|(?=.{2,32}$)[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,}){0,4}[A-Z]{0,8}|\d{1,4}|[a-zA-Z]\d|k3s|k8s)$/
