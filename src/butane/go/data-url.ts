import { isBase64 } from './base64.ts'

// token characters of RFC 2045, in the form of Ignition's library for data URLs (vincent-petithory/dataurl)
const token = String.raw`[!#$%&'*+\-.0-9A-Z^_\x60a-z{|}~]`
const attribute = `${token}+`
const quoted = String.raw`"(?:[^"\\\x80-\u{10ffff}]|\\[\x00-\x7f])*"`
const value = `(?:${token}+|${quoted})`
const discrete = `(?:text|image|audio|video|application|message|multipart)${token}*`
const mediaType = `(?:${discrete}|[xX]-${token}*)/${token}*`
const start = new RegExp(`^data:(?:${mediaType})?`)
const parameter = new RegExp(`;${attribute}=(${value})`, 'uy')
const end = /(;base64)?,/y

/** Whether Ignition's library can decode a data URL (RFC 2397). */
export function isDataUrl(text: string): boolean {
  const [beginning] = start.exec(text) ?? []
  if (beginning === undefined) return false
  let at = beginning.length
  // one after the other: a pattern for all of them would overflow the engine's stack if there are very many
  for (let found = matchAt(parameter, text, at); found !== null; found = matchAt(parameter, text, at)) {
    const [whole, written = ''] = found
    if (!parameterIsValid(written)) return false
    at += whole.length
  }
  const comma = matchAt(end, text, at)
  if (comma === null) return false
  const data = text.slice(at + comma[0].length)
  return comma[1] === undefined ? isEscapedText(data) : isBase64(data.replaceAll('\n', ''))
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function parameterIsValid(written: string): boolean {
  return written.startsWith('"') ? isGoStringBody(written.slice(1, -1)) : escapesAreWhole(written)
}

// Go's strconv.Unquote reads a quoted value: its escapes, and no line feed
function isGoStringBody(body: string): boolean {
  return /^(?:[^"\\\n]|\\(?:[abfnrtv\\"]|x[0-9A-Fa-f]{2}|[0-3][0-7]{2}|u(?![dD][89a-fA-F])[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|U0010[0-9A-Fa-f]{4}))*$/.test(
    body,
  )
}

// RFC 2396: no spaces, delimiters or "unwise" characters
function isEscapedText(data: string): boolean {
  return /^[!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]*$/.test(data) && escapesAreWhole(data)
}

function escapesAreWhole(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text)
}

/** Percent-encoded text. Everything except letters, digits and `-_.!~*'()` is encoded, byte by byte. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += escaped[byte] ?? ''
  return text
}

const escaped: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9\-_.!~*'()]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})
