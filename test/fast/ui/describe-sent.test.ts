import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeSent } from '../../../src/ui/describe-sent.ts'
import { reporterFor } from '../../../src/ui/reporter.ts'
import { RunRecord } from '../../../src/ui/run/run-record.ts'

it.each<[number, number, string | undefined]>([
  [0, 73_400_000, 'sending 0 of 73 MB (0 %)'],
  [36_900_000, 73_400_000, 'sending 36 of 73 MB (50 %)'],
  [73_399_999, 73_400_000, 'sending 73 of 73 MB (99 %)'],
  [73_400_000, 73_400_000, 'sent 73 MB, the host checks it'],
  [0, 0, undefined],
  [1000, 999_999, undefined],
])('%i of %i bytes: %s', (sent, total, text) => expect(describeSent({ host: 'a', sent, total })).toBe(text))

describe('pushing', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function pushing({ isTTY = false, json = false }) {
    const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY, columns: 80 })]
    const reporter = reporterFor({ json, stdout, stderr, run: new RunRecord() })
    reporter.report({ event: 'phase', host: 'ocean', phase: 'stage' })
    const sent = (megabytes: number) => reporter.sent({ host: 'ocean', sent: megabytes * 1e6, total: 70e6 })
    return { reporter, sent, written: () => String(stderr.read() ?? ''), out: () => String(stdout.read() ?? '') }
  }

  it('shows MB and percent on the live line of the host', () => {
    const { reporter, sent, written } = pushing({ isTTY: true })
    written()
    for (let megabytes = 0; megabytes <= 35; megabytes++) sent(megabytes)
    expect(written()).toBe('')
    vi.advanceTimersByTime(1000)
    expect(written()).toBe('\u001b[1A\u001b[Jocean: sending 35 of 70 MB (50 %) (1 s)\n')
    reporter.end()
  })

  it('is a line now and then where there is no terminal, and none if it is quick', () => {
    const { sent, written } = pushing({})
    expect(written()).toBe('ocean: sending files\n')
    for (let megabytes = 0; megabytes < 25; megabytes++) {
      sent(megabytes)
      vi.advanceTimersByTime(1000)
    }
    expect(written()).toBe('ocean: sending 10 of 70 MB (14 %)\nocean: sending 20 of 70 MB (28 %)\n')
  })

  it('is no event for a program', () => {
    const { sent, out } = pushing({ json: true })
    out()
    sent(10)
    sent(70)
    vi.advanceTimersByTime(20_000)
    expect(out()).toBe('')
  })
})
