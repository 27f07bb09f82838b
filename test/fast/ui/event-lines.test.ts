import { expect, it } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import type { Look } from '../../../src/model/text/styled-text.ts'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { describeEvent } from '../../../src/ui/describe-event.ts'
import { eventLines } from '../../../src/ui/event-lines.ts'
import { painted } from '../../../src/ui/style.ts'
import { notedText } from '../../../src/ui/visible.ts'

const fault = { code: 'x', at: 'b', found: 'two\nlines', why: 'x: y' }

it.each<[Event, readonly Look[]]>([
  [{ event: 'done', host: 'a', changed: true, seconds: 1 }, ['host', 'good']],
  [{ event: 'done', host: 'a', changed: false, seconds: 1 }, ['host', 'aside']],
  [{ event: 'failed', host: 'a', fault }, ['host', 'fault']],
  [{ event: 'not-switched', host: 'a', because: 'b failed' }, ['host', 'warning']],
  [{ event: 'behind', host: 'a', fault }, ['host', 'warning']],
  [{ event: 'note', host: 'a', note: { ...fault, at: 'a' as never } }, ['warning']],
  [{ event: 'operation', host: 'a', operation: { op: 'reload-systemd' } }, ['host']],
])('looks of %o', (event, looks) => {
  const lines = eventLines(event) ?? []
  expect(lines.flatMap((line) => line.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.look])))).toEqual(
    looks,
  )
  // the words are the same as without looks
  expect(`${painted(lines, false)}\n`).toBe(notedText(describeEvent(event) ?? ''))
  expect(plainText(lines)).toMatch(/^(a|note): /)
})

it('has no line for an event that only the live line shows', () => {
  expect(eventLines({ event: 'progress', host: 'a', text: 'x' })).toBeUndefined()
})
