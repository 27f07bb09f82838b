/** What is shown instead of a value that is or may be a secret. */
const HIDDEN = '[hidden]'

/** The lines of a text, with `[hidden]` for what must not be shown. */
type MaskedLines = readonly string[]

/** Where a piece of a line is: the name of a setting, or anything else. */
type Place = 'name' | 'value'

/**
 * The lines of a file from the inventory. They contain no secret by design, but an inventory may have one in clear
 * text. So keel hides what follows a word such as `password`, the body of a private key, and what has the form of a
 * token.
 */
export function maskWanted(text: string): MaskedLines {
  return maskLines(text, (piece) => !looksSecret(piece))
}

/**
 * The lines of a file as the host has it. Anybody may have written them, so keel shows only what cannot be a secret:
 * names of settings, numbers, addresses, paths, and what the wanted text shows too.
 * @param wanted the masked lines of the wanted text
 */
export function maskHeld(text: string, wanted: MaskedLines): MaskedLines {
  const known = new Set(wanted.flatMap((line) => line.match(PIECE) ?? []))
  return maskLines(text, (piece, place) => {
    if (looksSecret(piece)) return false
    return known.has(piece) || isHarmless(piece) || (place === 'name' && isPlain(piece))
  })
}

/** Whether the path or a text of a file says that it holds secrets. Then none of it is shown. */
export function holdsSecrets(path: string, ...texts: readonly string[]): boolean {
  return SECRET_PATH.test(path) || texts.some((text) => /^[-\s]*["']?kind["']?\s*:\s*["']?Secret\b/im.test(text))
}

const SECRET_PATH =
  /token|secret|passw|passphrase|shadow|credential|private|kubeconfig|htpasswd|netrc|pgpass|id_(?:rsa|dsa|ecdsa|ed25519)|\.(?:key|pem|env|p12|pfx|jks|age|gpg|kdbx)$/i

/** What follows such a word, on its line or on deeper lines below, is a secret. */
const SECRET_WORD =
  /pass|pwd|\bpw\b|token|secret|cred|auth|private|psk|\bpin\b|bearer|cookie|session|salt|seed|signature|datastore-endpoint|dsn|key/i

/** What is between the characters that separate names, values and the items of a list. */
const PIECE = /[^\s"'`=:,;()[\]{}<>|&\0]+/g

function maskLines(text: string, isShown: (piece: string, place: Place) => boolean): MaskedLines {
  let inKey = false
  /** The indent of a line that names a secret whose value is on the lines below. */
  let open: number | undefined
  return text.split('\n').map((line) => {
    if (line.trim() === '') return line
    const indent = line.length - line.trimStart().length
    const hidden = `${line.slice(0, indent)}${HIDDEN}`
    if (inKey || /-----BEGIN .*(?:PRIVATE KEY|MESSAGE|AGE)/.test(line)) {
      inKey = !/-----END/.test(line)
      return hidden
    }
    if (open !== undefined && (indent > open || (indent === open && /^\s*- /.test(line)))) return hidden
    const { masked, isOpen } = maskLine(line, isShown)
    open = isOpen ? indent : undefined
    return masked
  })
}

function maskLine(
  line: string,
  isShown: (piece: string, place: Place) => boolean,
): { readonly masked: string; readonly isOpen: boolean } {
  // `user:password@host`, whatever characters are in the password; NUL is in no text, and no part of a piece
  const safe = line.replace(/[^\s"']+@/g, '\0@')
  const word = SECRET_WORD.exec(safe)
  const end =
    word === null
      ? safe.length
      : word.index + (new RegExp(`^${PIECE.source}`).exec(safe.slice(word.index))?.[0].length ?? 0)
  const value = safe.slice(end)
  const before = safe
    .slice(0, end)
    .replace(PIECE, (piece, at: number) => (isShown(piece, placeOf(safe, piece, at)) ? piece : HIDDEN))
  const isOpen = word !== null && /^["'\s]*[:=]?\s*(?:[|>][+-]?\d*|[[{\\])?\s*$/.test(value)
  const masked = before + (isOpen ? value : hideValue(value))
  return { masked: masked.replaceAll('\0', HIDDEN).replace(/\[hidden\](?: \[hidden\])+/g, HIDDEN), isOpen }
}

/** `name: value`, `name=value`, `--name`, `[Name]`. */
function placeOf(line: string, piece: string, at: number): Place {
  const [before, after] = [line.slice(0, at), line.slice(at + piece.length)]
  if (/^[-\s"']*$/.test(before) && /^["']?\s*(?::|=[^=])/.test(after)) return 'name'
  if (/(?:[\s"']|^Environment=)$/.test(before) && /^=[^=\s]/.test(after)) return 'name'
  return piece.startsWith('--') || (before === '[' && after === ']') ? 'name' : 'value'
}

/** Of what follows the name of a secret, only `true` and the like is shown, and a path: where the secret is. */
function hideValue(value: string): string {
  return value.replace(PIECE, (piece) => (/^(?:true|false|null|~)$/.test(piece) || isPlainPath(piece) ? piece : HIDDEN))
}

/** What has the form of a token, whatever its name: of age, a JWT, of a cloud; or a long random text, as the tokens of k3s. */
function looksSecret(piece: string): boolean {
  return (
    /AGE-SECRET-KEY|^eyJ|^AKIA|^gh[a-z]_|^glpat-|^xox[a-z]-/.test(piece) ||
    (/[A-Za-z0-9+/_-]{24}/.test(piece) && /[a-z]/.test(piece) && /[A-Z]/.test(piece) && /\d/.test(piece))
  )
}

/** A number with its unit, an address, a version, a path of plain words, `true` and the like. */
function isHarmless(piece: string): boolean {
  return (
    /^(?:true|false|yes|no|on|off|null|none|~|[-#*%\\/]+)$/.test(piece) ||
    /^v?\d{1,9}(?:[.+/-](?:\d{1,9}|k[38]s\d{0,2}|rc\d{0,2}))*(?:[smhdkKMGT]|ms|us|[KMGT]i?B?|%)?$/.test(piece) ||
    isPlainPath(piece)
  )
}

function isPlainPath(piece: string): boolean {
  return /^(?:\/[^/]+){2,}\/?$/.test(piece) && isPlain(piece)
}

/** Whether each run of letters and digits is an everyday word, or a short number. */
function isPlain(piece: string): boolean {
  return /^[\w./-]+$/.test(piece) && (piece.match(/[A-Za-z0-9]+/g) ?? []).every((word) => PLAIN_WORD.test(word))
}

/** `memory`, `HTTP`, `ExecStart`, `24`, `k3s`, `v2`. */
const PLAIN_WORD =
  /^(?:[a-z]{1,16}|[A-Z]{1,8}|(?=.{2,32}$)[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,}){0,4}[A-Z]{0,8}|\d{1,4}|[a-zA-Z]\d|k3s|k8s)$/
