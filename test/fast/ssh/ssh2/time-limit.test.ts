import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TimeLimit } from '../../../../src/ssh/ssh2/time-limit.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const limit = (outer?: AbortSignal) => new TimeLimit(100, () => 'expired', outer)

test('expires', () => {
  using time = limit()
  vi.advanceTimersByTime(99)
  expect(time.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(time.signal.reason).toBe('expired')
})

test('stands still while held, and starts anew', () => {
  using time = limit()
  time.hold()
  vi.advanceTimersByTime(1000)
  time.restart()
  vi.advanceTimersByTime(99)
  expect(time.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(time.signal.aborted).toBe(true)
})

test('the caller’s signal comes first, with its reason, before or after', () => {
  const stop = new AbortController()
  using before = limit(stop.signal)
  stop.abort('SIGINT')
  using after = limit(stop.signal)
  expect([before.signal.reason, after.signal.reason]).toEqual(['SIGINT', 'SIGINT'])
})

test('leaves no timer behind, even where a person answers too late', () => {
  const stop = new AbortController()
  const late = limit(stop.signal)
  stop.abort()
  late.restart()
  const done = limit()
  done[Symbol.dispose]()
  done.restart()
  expect(vi.getTimerCount()).toBe(0)
})
