import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Verbosity } from '../../../src/ui/run/run-record.ts'
import { waitingLine } from '../../../src/ui/waiting-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function waiting(isTTY: boolean, verbosity: Verbosity = 'normal') {
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 61 })
  const line = waitingLine(stderr, verbosity)
  return { line, written: () => String(stderr.read() ?? '') }
}

it('says nothing as long as all is quick', () => {
  const { line, written } = waiting(false)
  line.update(['ocean'], { answered: 0, of: 1 })
  vi.advanceTimersByTime(9500)
  line.update([], { answered: 1, of: 1 })
  vi.advanceTimersByTime(60_000)
  line.end()
  expect(written()).toBe('')
})

it('is a line now and then where there is no terminal', () => {
  const { line, written } = waiting(false)
  line.update(['ocean', 'nova'], { answered: 1, of: 3 })
  vi.advanceTimersByTime(15_000)
  line.update(['nova'], { answered: 2, of: 3 })
  vi.advanceTimersByTime(10_000)
  line.end()
  vi.advanceTimersByTime(60_000)
  expect(written()).toBe(
    '1 of 3 hosts answered, waiting for ocean, nova (10 s)\n2 of 3 hosts answered, waiting for nova (20 s)\n',
  )
})

it('is one line on a terminal, which goes away', () => {
  const { line, written } = waiting(true)
  line.update(['a', 'b', 'c', 'd', 'e', 'f', 'g'], { answered: 5, of: 12 })
  vi.advanceTimersByTime(3000)
  line.end()
  expect(written()).toBe(
    '5 of 12 hosts answered, waiting for a, b, c, d, e and 2 more\r\u001b[K5 of 12 hosts answered, waiting for a, b, c, d, e and 2 more\r\u001b[K',
  )
})

it('does not count where there is one host', () => {
  const { line, written } = waiting(false)
  line.update(['nova'], { answered: 0, of: 1 })
  vi.advanceTimersByTime(10_000)
  line.end()
  expect(written()).toBe('waiting for nova (10 s)\n')
})

it('says nothing with --quiet, and with -v keeps out of the way of other lines', () => {
  const quiet = waiting(true, 'quiet')
  const verbose = waiting(true, 'scripts')
  for (const { line } of [quiet, verbose]) line.update(['ocean'], { answered: 0, of: 1 })
  vi.advanceTimersByTime(10_000)
  expect(quiet.written()).toBe('')
  expect(verbose.written()).toBe('waiting for ocean (10 s)\n')
  for (const { line } of [quiet, verbose]) line.end()
})
