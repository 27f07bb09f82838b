import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isWord, type Position } from './cursor.ts'
import { scanTagHandle, scanUri } from './scan-tag.ts'
import type { Token } from './token.ts'

/** `%YAML 1.1` or `%TAG !handle! prefix`, the cursor on the percent sign; any other name is an error. */
export function scanDirective(cursor: Cursor): Token {
  const start = cursor.position()
  cursor.skip()
  const name = cursor.takeWhile(isWord)
  if (name === '') cursor.fail('could not find expected directive name', start)
  if (!isBlankOrEnd(cursor.peek())) cursor.fail('found unexpected non-alphabetical character', start)
  const token = name === 'YAML' ? versionDirective(cursor, start) : name === 'TAG' ? tagDirective(cursor, start) : undefined
  if (token === undefined) return cursor.fail('found unknown directive name', start)
  cursor.skipBlanks()
  if (cursor.peek() === '#') cursor.skipToLineEnd()
  if (!isBreakOrEnd(cursor.peek())) cursor.fail('did not find expected comment or line break', start)
  if (isBreak(cursor.peek())) cursor.takeBreak()
  return token
}

function versionDirective(cursor: Cursor, start: Position): Token {
  cursor.skipBlanks()
  const major = versionNumber(cursor, start)
  if (cursor.peek() !== '.') cursor.fail("did not find expected digit or '.' character", start)
  cursor.skip()
  return { kind: 'version-directive', start, major, minor: versionNumber(cursor, start) }
}

function versionNumber(cursor: Cursor, start: Position): number {
  const digits = cursor.takeWhile((character) => /^[0-9]$/.test(character))
  if (digits === '') cursor.fail('did not find expected version number', start)
  if (digits.length > 2) cursor.fail('found extremely long version number', start)
  return Number(digits)
}

function tagDirective(cursor: Cursor, start: Position): Token {
  cursor.skipBlanks()
  const handle = scanTagHandle(cursor, start)
  if (handle !== '!' && !handle.endsWith('!')) cursor.fail("did not find expected '!'", start)
  if (!isBlank(cursor.peek())) cursor.fail('did not find expected whitespace', start)
  cursor.skipBlanks()
  const prefix = scanUri(cursor, '', start)
  if (!isBlankOrEnd(cursor.peek())) cursor.fail('did not find expected whitespace or line break', start)
  return { kind: 'tag-directive', start, handle, prefix }
}
