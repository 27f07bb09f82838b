import { byteLength, textOfBytes } from '../../text.ts'
import { YamlError } from '../yaml-error.ts'

// YAML 1.1 section 5.1: all characters that a text may not contain
const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u
// libyaml reads this number of bytes at a time, and it finds an error in any of them when it reads them
const chunk = 512

/** The characters of a file. */
export interface Characters {
  readonly text: string
  /**
   * The file continues, but the rest is not text. This is an error only if the scanner gets there, because the first
   * document may end before.
   */
  readonly broken?: YamlError
}

/** Decodes a file: UTF-8, or UTF-16 with a byte order mark. The mark itself has no column. */
export function charactersOf(bytes: Uint8Array): Characters {
  const [encoding, markLength] = encodingOf(bytes)
  const body = bytes.subarray(markLength)
  const text = encoding === 'utf-8' ? textOfBytes(body) : utf16Text(body, encoding)
  if (text === undefined)
    return { text: '', broken: new YamlError('bytes that are not UTF-16, as the byte order mark says') }
  const bad = forbidden.exec(text)
  if (bad === null) return { text }
  const broken = new YamlError(
    text[bad.index]?.isWellFormed()
      ? 'a character that no YAML file may hold, such as a control character'
      : 'bytes that are not UTF-8',
  )
  const before = text.slice(0, bad.index)
  const unread = (markLength + byteLength(before)) % chunk
  return { text: withoutLastBytes(before, unread), broken }
}

function utf16Text(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function withoutLastBytes(text: string, count: number): string {
  let end = text.length
  for (let left = count; left > 0 && end > 0; left -= byteLength(text[end] ?? '')) end -= 1
  return text.slice(0, end)
}

function encodingOf([first, second, third]: Uint8Array): [encoding: string, markLength: number] {
  if (first === 0xff && second === 0xfe) return ['utf-16le', 2]
  if (first === 0xfe && second === 0xff) return ['utf-16be', 2]
  if (first === 0xef && second === 0xbb && third === 0xbf) return ['utf-8', 3]
  return ['utf-8', 0]
}
