import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isWord, type Position } from './cursor.ts'
import { scanTagHandle, scanUri } from './scan-tag.ts'
import type { Token } from './token.ts'

/** Reads `%YAML 1.1` or `%TAG !handle! prefix`. The cursor is at the percent sign. Any other name is an error. */
export function scanDirective(cursor: Cursor): Token {
  const start = cursor.position()
  cursor.skip()
  const name = cursor.takeWhile(isWord)
  if (name === '') cursor.fail('% begins a directive and needs its name: YAML or TAG', start)
  if (!isBlankOrEnd(cursor.peek())) cursor.fail('a blank belongs behind the name of a directive', start)
  const token =
    name === 'YAML' ? versionDirective(cursor, start) : name === 'TAG' ? tagDirective(cursor, start) : undefined
  if (token === undefined) return cursor.fail('no such directive: %YAML or %TAG', start)
  cursor.skipBlanks()
  if (cursor.peek() === '#') cursor.skipToLineEnd()
  if (!isBreakOrEnd(cursor.peek()))
    cursor.fail('more than a directive takes; only a comment may follow on its line', start)
  if (isBreak(cursor.peek())) cursor.takeBreak()
  return token
}

function versionDirective(cursor: Cursor, start: Position): Token {
  cursor.skipBlanks()
  const major = versionNumber(cursor, start)
  if (cursor.peek() !== '.') cursor.fail('%YAML takes a version of two numbers with a dot between', start)
  cursor.skip()
  return { kind: 'version-directive', start, major, minor: versionNumber(cursor, start) }
}

function versionNumber(cursor: Cursor, start: Position): number {
  const digits = cursor.takeWhile((character) => /^[0-9]$/.test(character))
  if (digits === '') cursor.fail('%YAML takes a version such as 1.1', start)
  if (digits.length > 2) cursor.fail('a number in the version of %YAML has at most two digits', start)
  return Number(digits)
}

function tagDirective(cursor: Cursor, start: Position): Token {
  cursor.skipBlanks()
  const handle = scanTagHandle(cursor, start)
  if (handle !== '!' && !handle.endsWith('!')) cursor.fail('the handle of %TAG ends in !', start)
  if (!isBlank(cursor.peek())) cursor.fail('a blank belongs between the handle of %TAG and its prefix', start)
  cursor.skipBlanks()
  const prefix = scanUri(cursor, '', start)
  if (!isBlankOrEnd(cursor.peek())) cursor.fail("the prefix of %TAG holds a character that it can't", start)
  return { kind: 'tag-directive', start, handle, prefix }
}
