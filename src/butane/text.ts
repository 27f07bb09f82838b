/**
 * Configs can contain bytes that are not UTF-8 (`!!binary`, unit files). In this folder they are part of ordinary
 * strings: each such byte is a lone surrogate U+DC80…U+DCFF (Python's `surrogateescape`, PEP 383). No YAML text can
 * contain one, so the conversion back is exact.
 */
const escapedByte = 0xdc00

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/**
 * Any bytes as text. A byte that does not begin a complete UTF-8 character is escaped alone, because Go's decoder skips
 * only this byte.
 */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return lenientText(bytes)
  }
}

/** The bytes from which `textOfBytes` made this text. */
export function bytesOfText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text)
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (isEscapedByte(code)) bytes.push(code - escapedByte)
    else bytes.push(...encoder.encode(character))
  }
  return Uint8Array.from(bytes)
}

/** The length in bytes, which Go's `len` returns for a string. */
export function byteLength(text: string): number {
  return bytesOfText(text).length
}

export function isEscapedByte(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff
}

function lenientText(bytes: Uint8Array): string {
  let text = ''
  let start = 0
  for (let at = 0; at < bytes.length; ) {
    const width = characterWidth(bytes, at)
    if (width > 0) {
      at += width
      continue
    }
    text += strict.decode(bytes.subarray(start, at)) + String.fromCharCode(escapedByte + (bytes[at] ?? 0))
    at += 1
    start = at
  }
  return text + strict.decode(bytes.subarray(start))
}

/** The number of bytes of the UTF-8 character at this place; 0 if there is none. */
function characterWidth(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  const width = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0
  if (width === 0 || at + width > bytes.length) return 0
  try {
    strict.decode(bytes.subarray(at, at + width))
    return width
  } catch {
    return 0
  }
}
