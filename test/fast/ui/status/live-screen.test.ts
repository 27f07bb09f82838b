import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { liveScreen } from '../../../../src/ui/status/live-screen.ts'

/** A terminal, or a pipe, and what was written to it at once. */
function output(terminal?: { columns: number; rows: number }) {
  const stream = Object.assign(new PassThrough(), terminal === undefined ? {} : { isTTY: true, ...terminal })
  const writes: string[] = []
  stream.on('data', (bytes: Buffer) => writes.push(bytes.toString()))
  return { stream, writes }
}

describe('on a terminal', () => {
  test('each screen takes the place of the one before, in one write, and nothing is cleared first', async () => {
    const { stream, writes } = output({ columns: 80, rows: 24 })
    const screen = liveScreen(stream, false)
    screen.draw([['one'], ['two'], ['three']])
    screen.draw([['four']])
    await new Promise(setImmediate)
    expect(writes).toEqual(['\rone\u001b[K\ntwo\u001b[K\nthree\u001b[K\n\u001b[J', '\u001b[3A\rfour\u001b[K\n\u001b[J'])
  })

  test('it is never higher than the terminal', async () => {
    const { stream, writes } = output({ columns: 80, rows: 6 })
    const screen = liveScreen(stream, false)
    screen.draw(Array.from({ length: 9 }, (_, index) => [`line ${index}`]))
    screen.draw([['short']])
    await new Promise(setImmediate)
    expect(writes[0]?.split('\n')).toHaveLength(6)
    expect(writes[0]).toContain('… and 5 more lines')
    expect(writes[1]).toMatch(/^\u001b\[5A/)
  })

  test('it is as wide as the terminal is now', () => {
    const { stream } = output({ columns: 60, rows: 24 })
    const screen = liveScreen(stream, false)
    expect(screen.columns).toBe(60)
    Object.assign(stream, { columns: 100 })
    expect(screen.columns).toBe(100)
  })
})

test('on a pipe: a screen that differs, without the clock in its first line, and no codes', async () => {
  const { stream, writes } = output()
  const screen = liveScreen(stream, false)
  for (const [clock, text] of [
    ['1', 'a'],
    ['2', 'a'],
    ['3', 'b'],
  ] as const)
    screen.draw([[clock], [text]])
  await new Promise(setImmediate)
  expect(writes).toEqual(['1\na\n\n', '3\nb\n\n'])
  expect(screen.columns).toBe(120)
})
