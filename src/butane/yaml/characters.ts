import { YamlError } from './yaml-error.ts'

// YAML 1.1 section 5.1: c-printable, without what a BOM and UTF-16 make of the rest
const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/**
 * The characters of a file: UTF-8, or UTF-16 where a byte order mark says so. The mark itself takes no column.
 * @throws {YamlError} for bytes that are no text, and for control characters
 */
export function charactersOf(bytes: Uint8Array): string {
  const text = decode(bytes)
  const bad = forbidden.exec(text)
  if (bad !== null) throw new YamlError('control characters are not allowed')
  return text
}

function decode(bytes: Uint8Array): string {
  const [encoding, skip] = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(skip))
  } catch {
    throw new YamlError(encoding === 'utf-8' ? 'invalid UTF-8' : 'invalid UTF-16')
  }
}

function encodingOf([first, second, third]: Uint8Array): [encoding: string, markLength: number] {
  if (first === 0xff && second === 0xfe) return ['utf-16le', 2]
  if (first === 0xfe && second === 0xff) return ['utf-16be', 2]
  if (first === 0xef && second === 0xbb && third === 0xbf) return ['utf-8', 3]
  return ['utf-8', 0]
}
