import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentEvent } from '../../../src/agent/events/event.ts'
import { eventRing } from '../../../src/agent/events/event-ring.ts'
import { noticedDisks, noticedDrift, noticedUnits } from '../../../src/agent/events/notice.ts'
import { countedStreams } from '../../../src/agent/server/counted-streams.ts'
import { queryOf } from '../../../src/agent/server/query.ts'
import { endOf } from '../../../src/agent/server/stream-end.ts'
import type { ServiceReport } from '../../../src/agent/services/services-report.ts'

const drift = (path: string) => ({ kind: 'drift-found', about: path, message: path }) as const
const signal = new AbortController().signal
async function all(events: AsyncIterable<AgentEvent>): Promise<readonly AgentEvent[]> {
  const found: AgentEvent[] = []
  for await (const event of events) found.push(event)
  return found
}

describe('events', () => {
  test('are those since a time, as far as they are kept', async () => {
    let now = 0
    const ring = eventRing(() => new Date(now * 1000))
    for (now = 0; now < 600; now++) ring.add(drift(`/${now}`))
    const ids = async (since: number) => (await all(ring.read(since, false, signal))).map(({ id }) => id)
    expect(await ids(598)).toEqual([599, 600])
    expect((await ids(0)).length).toBe(500)
    expect(ring.counts().get('drift-found')).toBe(600)
  })

  test('follow those before, until nobody listens', async () => {
    const ring = eventRing()
    ring.add(drift('/a'))
    const ending = new AbortController()
    const found: AgentEvent[] = []
    const done = (async () => {
      for await (const event of ring.read(0, true, ending.signal)) found.push(event)
    })()
    ring.add(drift('/b'))
    await new Promise((resolve) => setImmediate(resolve))
    ring.add(drift('/c'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(found.map(({ about }) => about)).toEqual(['/a', '/b', '/c'])
    ending.abort()
    await done
  })

  test('attack 6: of a listener that takes none are not kept for ever', async () => {
    const ring = eventRing()
    const events = ring.read(0, true, signal)
    ring.add(drift('/a'))
    await events.next()
    for (let at = 0; at < 600; at++) ring.add(drift('/b'))
    const rest = all(events)
    await expect(rest).rejects.toThrow('missed events')
  })
})

const unit = (name: string, active: string): ServiceReport => ({
  unit: name,
  active,
  sub: '',
  enabled: '',
  restarts: 0,
  result: 'exit-code',
  journal: true,
  restart: true,
})
const disk = (free: number) => ({ mount: '/', type: 'ext4', total: 100, free })

describe('a look notices', () => {
  test('a unit that failed, once, and that it recovered', () => {
    const first = noticedUnits(new Set(), [unit('a.service', 'failed'), unit('b.service', 'active')])
    expect(first.events).toEqual([{ kind: 'unit-failed', about: 'a.service', message: 'a.service failed: exit-code' }])
    expect(noticedUnits(first.failed, [unit('a.service', 'failed')]).events).toEqual([])
    // gone from the list, as one that was reset
    expect(noticedUnits(first.failed, []).events.map(({ kind, about }) => [kind, about])).toEqual([
      ['unit-recovered', 'a.service'],
    ])
  })

  test.each([
    [[9], ['disk-low']],
    [[10], []],
    [[9, 11], ['disk-low']],
    [[9, 11, 9], ['disk-low']],
    [
      [9, 12],
      ['disk-low', 'disk-recovered'],
    ],
    [
      [9, 12, 9],
      ['disk-low', 'disk-recovered', 'disk-low'],
    ],
  ])('a disk with %j %% free: %j', (looks, expected) => {
    let low: ReadonlySet<string> = new Set()
    const kinds = looks.flatMap((free) => {
      const found = noticedDisks(low, [disk(free)])
      low = found.low
      return found.events.map(({ kind }) => kind)
    })
    expect(kinds).toEqual(expected)
  })

  test('paths that differ, the first ones by name', () => {
    const many = Array.from({ length: 25 }, (_, at) => ({ path: `/${at}`, kind: 'mode' }) as const)
    const first = noticedDrift(new Set(), many)
    expect(first.events.length).toBe(21)
    expect(first.events.at(-1)?.message).toBe('5 more paths differ from the last deploy')
    expect(noticedDrift(first.differs, many.slice(1)).events).toEqual([
      { kind: 'drift-gone', about: '/0', message: '/0 is as the last deploy left it' },
    ])
  })
})

describe('a stream ends', () => {
  const limits = { streamTime: 100, blockedTime: 10 }
  test.each([
    ['not yet', { now: 5, began: 0, ends: 6 }, 99, undefined],
    ['with the certificate', { now: 6, began: 0, ends: 6, blockedSince: 0 }, 99, 'expired'],
    ['when the client reads nothing', { now: 5, began: 0, ends: 6, blockedSince: 80 }, 90, 'too-slow'],
    ['after its time', { now: 5, began: 0, ends: 6, blockedSince: 95 }, 100, 'too-long'],
    // a clock that was put back does not make a stream longer
    ['by another clock', { now: -1000, began: 0, ends: 6 }, 100, 'too-long'],
  ])('%s', (_what, progress, monotonic, expected) => {
    expect(endOf(progress, limits, monotonic)).toBe(expected)
  })

  test('and makes room for another one of its client', () => {
    const open = countedStreams(2, 3)
    const [first, second] = [open('ada'), open('ada')]
    expect(open('ada')).toBeUndefined()
    expect(open('bob')).toBeDefined()
    expect(open('eve')).toBeUndefined()
    first?.()
    expect(open('ada')).toBeDefined()
    second?.()
    expect(open('eve')).toBeDefined()
  })
})

describe('a query', () => {
  const keys = ['since', 'lines', 'follow'] as const
  test.each([
    ['/v1/x', { follow: false }],
    ['/v1/x?', { follow: false }],
    ['/v1/x?since=17&lines=5&follow=1', { since: 17, lines: 5, follow: true }],
    ['/v1/x?follow=0', { follow: false }],
    ['/v1/x?lines=10000', { lines: 10_000, follow: false }],
    ['/v1/x?lines=10001', undefined],
    ['/v1/x?since=1&since=2', undefined],
    ['/v1/x?since=', undefined],
    ['/v1/x?since=1.5', undefined],
    ['/v1/x?unit=a', undefined],
    ['/v1/x?__proto__=1', undefined],
    ['/v1/x?since=1?follow=1', undefined],
  ])('%s', (url, expected) => {
    expect(queryOf(url, keys)).toEqual(expected)
  })

  test('attack 6: whatever it is, is numbers or refused', () => {
    const words = fc.oneof(fc.constantFrom('since=', 'lines=', 'follow=', '&', '?', '1', '%00', '-'), fc.string())
    fc.assert(
      fc.property(fc.array(words), (parts) => {
        const { since = 0, lines = 0 } = queryOf(`/v1/x?${parts.join('')}`, keys) ?? {}
        expect(`${since} ${lines}`).toMatch(/^\d+ \d+$/)
      }),
    )
  })
})
