import { replaceSecretForms } from '../../model/text/secret-forms.ts'
import { type Closer, closerBehind, opensSecret } from './open-secret.ts'
import { isHarmless, isPlain, isPlainPath, looksSecret, PIECE } from './piece.ts'

/** What is shown instead of a value that is or may be a secret. */
const HIDDEN = '[hidden]'

/** The lines of a text, with `[hidden]` for what must not be shown. */
type MaskedLines = readonly string[]

/** Characters of a line. A person reads no longer one, and the patterns below take a time of its square. */
const LONGEST_LINE = 1000

/** Where a piece of a line is: the name of a setting, or anything else. */
type Place = 'name' | 'value'

/**
 * The lines of a file from the inventory. They contain no secret by design, but an inventory may have one in clear
 * text. So keel hides what follows a word such as `password`, the body of a private key, and what has the form of a
 * token.
 */
export function maskWanted(text: string): MaskedLines {
  return maskLines(text, (piece, _place, before) => !looksSecret(piece, before))
}

/**
 * The lines of a file as the host has it. Anybody may have written them, so keel shows only what cannot be a secret:
 * names of settings, numbers, addresses, paths, and what the wanted text shows too.
 * @param wanted the masked lines of the wanted text
 */
export function maskHeld(text: string, wanted: MaskedLines): MaskedLines {
  const known = new Set(wanted.flatMap((line) => line.match(PIECE) ?? []))
  return maskLines(text, (piece, place, before) => {
    if (looksSecret(piece, before)) return false
    return known.has(piece) || isHarmless(piece) || (place === 'name' && isPlain(piece) && /[a-z]/i.test(piece))
  })
}

/** Whether the path or a text of a file says that it holds secrets. Then none of it is shown. */
export function holdsSecrets(path: string, ...texts: readonly string[]): boolean {
  return SECRET_PATH.test(path) || texts.some((text) => /^[-\t ]*["']?kind["']?\s*:\s*["']?Secret\b/im.test(text))
}

const SECRET_PATH =
  /token|secret|passw|passphrase|shadow|credential|private|kubeconfig|htpasswd|netrc|pgpass|id_(?:rsa|dsa|ecdsa|ed25519)|\.(?:key|pem|env|p12|pfx|jks|age|gpg|kdbx)$/i

type IsShown = (piece: string, place: Place, before: string) => boolean

function maskLines(text: string, isShown: IsShown): MaskedLines {
  let inKey = false
  /** What ends the quote or element that a secret is in. */
  let closer: Closer | undefined
  /** The indent of a line that names a secret whose value is on the lines below. */
  let open: number | undefined
  return text.split('\n').map((line) => {
    if (line.trim() === '') return line
    const indent = line.length - line.trimStart().length
    const hidden = `${line.slice(0, indent)}${HIDDEN}`
    const wasOpen = closer !== undefined
    closer = closerBehind(line, closer)
    if (line.length > LONGEST_LINE) {
      inKey = line.lastIndexOf('-----BEGIN') > line.lastIndexOf('-----END') || (inKey && !line.includes('-----END'))
      open = Math.min(indent, open ?? indent)
      return hidden
    }
    if (inKey || /-----BEGIN .*(?:PRIVATE KEY|MESSAGE|AGE)/.test(line)) {
      inKey = !/-----END/.test(line)
      return hidden
    }
    if (wasOpen) return hidden
    if (open !== undefined && (indent > open || (indent === open && /^\s*- /.test(line)))) return hidden
    const { masked, isOpen } = maskLine(line, isShown)
    open = isOpen ? indent : undefined
    return masked
  })
}

function maskLine(line: string, isShown: IsShown): { readonly masked: string; readonly isOpen: boolean } {
  const safe = withoutTokens(line)
  const end = opensSecret(safe)
  const value = end === undefined ? '' : safe.slice(end)
  const before = safe
    .slice(0, end)
    .replace(PIECE, (piece, at: number) =>
      isShown(piece, placeOf(safe, piece, at), safe.slice(Math.max(0, at - 40), at)) ? piece : HIDDEN,
    )
  const isOpen = end !== undefined && /^["'\s]*(?:[:=]\s*)?(?:[|>][+-]?\d*|[[{\\])?$/.test(value.trimEnd())
  const masked = before + (isOpen ? value : hideValue(value))
  return { masked: masked.replaceAll('\0', HIDDEN).replace(/\[hidden\](?: \[hidden\])+/g, HIDDEN), isOpen }
}

/** NUL for what is a secret whatever is around it: it is in no text, and no part of a piece. */
function withoutTokens(line: string): string {
  return (
    replaceSecretForms(line, '\0')
      // a password as crypt(5) hashes it
      .replace(/\$[a-z0-9-]{1,12}\$[^\s"']+/g, '\0')
      // `user:password@host`, whatever characters are in the password
      .replace(/[^\s"']+/g, (word) => (word.lastIndexOf('@') > 0 ? `\0${word.slice(word.lastIndexOf('@'))}` : word))
  )
}

const VARIABLE = 'Environment='

/** `name: value`, `name=value`, `--name`, `[Name]`; the `=` before a closing quote is the end of base64. */
function placeOf(line: string, piece: string, at: number): Place {
  const after = line.slice(at + piece.length)
  const opening = line.charAt(at - 1)
  if (/["']/.test(opening) && after.startsWith(`=${opening}`)) return 'value'
  if (/^["']?\s*(?::|=[^=])/.test(after) && /^[-\s"']*$/.test(line.slice(0, at))) return 'name'
  const isWord = /[\s"']/.test(opening) || (at === VARIABLE.length && line.startsWith(VARIABLE))
  if (isWord && /^=[^=\s]/.test(after)) return 'name'
  return piece.startsWith('--') || (at === 1 && line.startsWith('[') && after === ']') ? 'name' : 'value'
}

/** Of what follows the name of a secret, only `true` and the like is shown, and a path: where the secret is. */
function hideValue(value: string): string {
  return value.replace(PIECE, (piece) => (/^(?:true|false|null|~)$/.test(piece) || isPlainPath(piece) ? piece : HIDDEN))
}
