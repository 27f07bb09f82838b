import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { waitingLine } from '../../../src/ui/waiting-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function waiting(isTTY: boolean) {
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 40 })
  const line = waitingLine(stderr)
  return { line, written: () => String(stderr.read() ?? '') }
}

it('says nothing as long as all is quick', () => {
  const { line, written } = waiting(false)
  line.update(['ocean'])
  vi.advanceTimersByTime(9500)
  line.update([])
  vi.advanceTimersByTime(60_000)
  line.end()
  expect(written()).toBe('')
})

it('is a line now and then where there is no terminal', () => {
  const { line, written } = waiting(false)
  line.update(['ocean', 'nova'])
  vi.advanceTimersByTime(15_000)
  line.update(['nova'])
  vi.advanceTimersByTime(10_000)
  line.end()
  vi.advanceTimersByTime(60_000)
  expect(written()).toBe('waiting for ocean, nova (10 s)\nwaiting for nova (20 s)\n')
})

it('is one line on a terminal, which goes away', () => {
  const { line, written } = waiting(true)
  line.update(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  vi.advanceTimersByTime(3000)
  line.end()
  expect(written()).toBe(
    'waiting for a, b, c, d, e and 2 more (2\r\u001b[Kwaiting for a, b, c, d, e and 2 more (3\r\u001b[K',
  )
})
