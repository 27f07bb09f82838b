// RFC 2045 token characters, as Ignition's library for data URLs (vincent-petithory/dataurl) has them
const token = String.raw`[!#$%&'*+\-.0-9A-Z^_\x60a-z{|}~]`
const attribute = `${token}+`
const quoted = String.raw`"(?:[^"\\\x80-\u{10ffff}]|\\[\x00-\x7f])*"`
const value = `(?:${token}+|${quoted})`
const discrete = `(?:text|image|audio|video|application|message|multipart)${token}*`
const mediaType = `(?:${discrete}|[xX]-${token}*)/${token}*`
const form = new RegExp(`^data:(?:${mediaType})?((?:;${attribute}=${value})*)(;base64)?,([^]*)$`, 'u')

/** Whether a data URL (RFC 2397) can be decoded, by the rules of the library that Ignition decodes with. */
export function isDataUrl(text: string): boolean {
  const found = form.exec(text)
  if (found === null) return false
  const [, parameters = '', base64, data = ''] = found
  return parametersAreValid(parameters) && (base64 === undefined ? isEscapedText(data) : isBase64(data))
}

function parametersAreValid(parameters: string): boolean {
  for (const [, written = ''] of parameters.matchAll(new RegExp(`;${attribute}=(${value})`, 'gu'))) {
    if (!(written.startsWith('"') ? isGoStringBody(written.slice(1, -1)) : escapesAreWhole(written))) return false
  }
  return true
}

// a quoted value is read by Go's strconv.Unquote: its escapes, and no line feed
function isGoStringBody(body: string): boolean {
  return /^(?:[^"\\\n]|\\(?:[abfnrtv\\"]|x[0-9A-Fa-f]{2}|[0-3][0-7]{2}|u(?![dD][89a-fA-F])[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|U0010[0-9A-Fa-f]{4}))*$/.test(
    body,
  )
}

// RFC 2396: no spaces, delimiters or "unwise" characters
function isEscapedText(data: string): boolean {
  return /^[!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]*$/.test(data) && escapesAreWhole(data)
}

function isBase64(data: string): boolean {
  const compact = data.replaceAll('\n', '')
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)
}

function escapesAreWhole(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text)
}

/** Percent-escaped text; all but letters, digits and `-_.!~*'()` is escaped, byte by byte. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += escaped[byte] ?? ''
  return text
}

const escaped: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9\-_.!~*'()]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})
