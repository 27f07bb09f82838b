import { textOfBytes } from '../../text.ts'
import { type Cursor, isBlankOrEnd, isWord, type Position } from './cursor.ts'

export interface Tag {
  /** `!`, `!!` or `!name!`; empty for a verbatim tag. */
  readonly handle: string
  readonly suffix: string
}

/** Reads a tag. The cursor is at its exclamation mark. */
export function scanTag(cursor: Cursor): Tag {
  const start = cursor.position()
  const tag = cursor.peek(1) === '<' ? scanVerbatim(cursor, start) : scanShorthand(cursor, start)
  if (!isBlankOrEnd(cursor.peek())) cursor.fail("this tag holds a character that it can't", start)
  return tag
}

function scanVerbatim(cursor: Cursor, start: Position): Tag {
  cursor.skip(2)
  const suffix = scanUri(cursor, '', start)
  if (cursor.peek() !== '>') cursor.fail('a tag that begins with !< ends with >', start)
  cursor.skip()
  return { handle: '', suffix }
}

function scanShorthand(cursor: Cursor, start: Position): Tag {
  const handle = scanTagHandle(cursor, start)
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanUri(cursor, '', start) }
  const suffix = scanUri(cursor, handle, start)
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix }
}

/** `!`, `!!`, `!name!`, or `!name`, which has no second mark. */
export function scanTagHandle(cursor: Cursor, start: Position): string {
  if (cursor.peek() !== '!') cursor.fail('the handle of a tag begins with !', start)
  const opened = cursor.take() + cursor.takeWhile(isWord)
  return cursor.peek() === '!' ? opened + cursor.take() : opened
}

/** The URI of a tag. `head` is the part that was read as a handle, with the exclamation mark. */
export function scanUri(cursor: Cursor, head: string, start: Position): string {
  let uri = head.slice(1)
  let found = head !== ''
  while (isWord(cursor.peek()) || /^[;/?:@&=+$,.!~*'()[\]%]$/.test(cursor.peek())) {
    uri += cursor.peek() === '%' ? scanUriEscapes(cursor, start) : cursor.take()
    found = true
  }
  if (!found) cursor.fail('this tag is empty behind its beginning', start)
  return uri
}

/** One percent-encoded UTF-8 character. */
function scanUriEscapes(cursor: Cursor, start: Position): string {
  const bytes: number[] = []
  let width = 1
  while (bytes.length < width) {
    const digits = cursor.peek(1) + cursor.peek(2)
    if (cursor.peek() !== '%' || !/^[0-9a-fA-F]{2}$/.test(digits))
      cursor.fail('a % in a tag needs two hexadecimal digits, for each byte of the character', start)
    const octet = Number.parseInt(digits, 16)
    if (bytes.length === 0)
      width = utf8Width(octet) ?? cursor.fail('the bytes escaped in this tag are not UTF-8', start)
    else if ((octet & 0xc0) !== 0x80) cursor.fail('the bytes escaped in this tag are not UTF-8', start)
    bytes.push(octet)
    cursor.skip(3)
  }
  return textOfBytes(Uint8Array.from(bytes))
}

function utf8Width(lead: number): number | undefined {
  if (lead < 0x80) return 1
  if ((lead & 0xe0) === 0xc0) return 2
  if ((lead & 0xf0) === 0xe0) return 3
  return (lead & 0xf8) === 0xf0 ? 4 : undefined
}
