import { describe, expect, test } from 'vitest'
import { journalArguments } from '../../../src/vkubelet/logs/journal-arguments.ts'
import { journalEntry } from '../../../src/vkubelet/logs/journal-entry.ts'
import { logQuery } from '../../../src/vkubelet/logs/log-query.ts'
import { LogText } from '../../../src/vkubelet/logs/log-text.ts'
import { loggedRun } from '../../../src/vkubelet/logs/logged-run.ts'
import type { Situation } from '../../../src/vkubelet/state/situation.ts'
import { samplePod } from '../../support/vkubelet/sample-pod.ts'

const NOW = Date.parse('2026-11-30T12:00:00Z')

describe('what kubectl logs wants', () => {
  const of = (text: string) => logQuery(new URLSearchParams(text), NOW)
  const plain = { follow: false, previous: false, timestamps: false }
  test.each<[string, object]>([
    ['', plain],
    ['follow=true&timestamps=true&previous=true', { follow: true, previous: true, timestamps: true }],
    ['tailLines=0&limitBytes=10', { ...plain, tail: 0, limit: 10 }],
    ['sinceSeconds=60', { ...plain, since: (NOW - 60_000) * 1000 }],
    ['sinceSeconds=999999999999999', { ...plain, since: 0 }],
    ['sinceTime=2026-11-30T13:00:00%2B01:00', { ...plain, since: NOW * 1000 }],
    ['sinceTime=2026-11-30T12:00:00.123456789Z', { ...plain, since: NOW * 1000 + 123_456 }],
  ])('%s', (query, expected) => {
    expect(of(query)).toEqual(expected)
  })

  test.each([
    'tailLines=-1',
    'tailLines=x',
    'limitBytes=1e9',
    'sinceTime=yesterday',
    'sinceTime=2026-11-30',
    'sinceSeconds=1&sinceTime=2026-11-30T12:00:00Z',
    'tailLines=1&tailLines=2',
    'file=/etc/shadow',
    'stream=Stderr',
  ])('%s is refused', (query) => {
    expect(of(query)).toHaveProperty('fault')
  })
})

test('the question to journalctl', () => {
  const invocation = 'a'.repeat(32)
  expect(journalArguments(invocation, { follow: true, since: NOW * 1000 + 7 })).toEqual([
    '--quiet',
    '--no-pager',
    '--output=json',
    '--all',
    '--output-fields=MESSAGE,_LINE_BREAK,_STREAM_ID',
    '--follow',
    '--no-tail',
    '--since=@1796040000.000007',
    `_SYSTEMD_INVOCATION_ID=${invocation}`,
    '_TRANSPORT=stdout',
  ])
  const rest = journalArguments(invocation, { follow: false }, 's=1;i=2')
  expect(rest).toEqual(expect.arrayContaining(['--no-tail', '--after-cursor=s=1;i=2']))
  expect(rest).not.toContain('--follow')
})

const line = (more: object) =>
  JSON.stringify({ __CURSOR: 's=1;i=2', __REALTIME_TIMESTAMP: '1796040000123456', MESSAGE: 'hello', ...more })

describe('an entry of the journal', () => {
  test.each<[string, object, string]>([
    ['a text', { MESSAGE: 'grün' }, 'grün'],
    ['bytes', { MESSAGE: [0x67, 0xff, 0] }, 'g\u00ff\u0000'],
    ['nothing', { MESSAGE: null }, ''],
    ['several', { MESSAGE: ['a', 'b'] }, 'a\nb'],
    ['none', { MESSAGE: undefined }, ''],
  ])('with %s', (_what, more, expected) => {
    const encoding = _what === 'a text' ? 'utf8' : 'latin1'
    expect(journalEntry(line(more))?.bytes.toString(encoding)).toBe(expected)
  })

  test.each([
    '',
    '{',
    '[]',
    '{}',
    line({ __CURSOR: '--help\n' }),
    line({ __REALTIME_TIMESTAMP: 'x' }),
    line({ MESSAGE: [256] }),
  ])('attack: %.60s is none', (text) => {
    expect(journalEntry(text)).toBeUndefined()
  })
})

describe('the text of a log', () => {
  const entry = (text: string, more: object = {}) => {
    const found = journalEntry(line({ MESSAGE: text, _STREAM_ID: 'out', ...more }))
    return found ?? expect.unreachable()
  }
  const cut = { _LINE_BREAK: 'line-max' }
  const all = (entries: readonly ReturnType<typeof entry>[], query = {}) => {
    const text = new LogText({ timestamps: false, ...query })
    return entries.map((one) => text.add(one).toString()).join('')
  }

  test('is its lines', () => {
    expect(all([entry('a'), entry(''), entry('b')])).toBe('a\n\nb\n')
  })

  test('has times as Kubernetes writes them', () => {
    expect(all([entry('a')], { timestamps: true })).toBe('2026-11-30T12:00:00.123456000Z a\n')
  })

  test('has a line that journald has cut as one, with one time', () => {
    expect(all([entry('a', cut), entry('b', cut), entry('c'), entry('d')])).toBe('abc\nd\n')
    const stamp = '2026-11-30T12:00:00.123456000Z '
    expect(all([entry('a', cut), entry('b'), entry('c')], { timestamps: true })).toBe(`${stamp}ab\n${stamp}c\n`)
  })

  test('does not mix the lines of two streams', () => {
    expect(all([entry('a', cut), entry('err', { _STREAM_ID: 'err' }), entry('b')])).toBe('a\nerr\nb\n')
  })

  test('has no more bytes than were wanted', () => {
    const text = new LogText({ timestamps: false, limit: 5 })
    expect(text.add(entry('abc')).toString()).toBe('abc\n')
    expect(text.isFull).toBe(false)
    expect(text.add(entry('def')).toString()).toBe('d')
    expect(text.isFull).toBe(true)
  })
})

describe('the run whose output is meant', () => {
  const metadata = {
    namespace: 'default',
    pod: 'uptimed',
    uid: 'u',
    container: 'uptimed',
    image: 'x',
    run: 2,
    after: 'before',
  }
  const end = { exitCode: 1, reason: 'Error' } as const
  const running: Situation = { kind: 'running', metadata, invocation: 'now' }
  const prepared: Situation = { kind: 'prepared', metadata }
  const ended: Situation = { kind: 'ended', metadata, run: 2, invocation: 'now', end }
  const of = (situation: Situation, previous: boolean, restartPolicy = 'Always') =>
    loggedRun({ pod: samplePod({ spec: { restartPolicy } }), container: 'uptimed', situation, previous })

  test.each<[string, Situation, boolean, string, object]>([
    ['runs', running, false, 'Always', { invocation: 'now', isOver: false }],
    ['runs', running, true, 'Always', { invocation: 'before', isOver: true }],
    ['waits', prepared, false, 'Always', { invocation: 'before', isOver: true }],
    ['waits', prepared, true, 'Always', { invocation: 'before', isOver: true }],
    ['waits for its pause', ended, false, 'Always', { invocation: 'now', isOver: true }],
    ['waits for its pause', ended, true, 'Always', { invocation: 'now', isOver: true }],
    ['has ended for good', ended, false, 'Never', { invocation: 'now', isOver: true }],
    ['has ended for good', ended, true, 'Never', { invocation: 'before', isOver: true }],
    [
      'is not there',
      { kind: 'absent' },
      false,
      'Always',
      { kind: 'none', why: 'container "uptimed" in pod "uptimed" is waiting to start' },
    ],
    [
      'is not there',
      { kind: 'absent' },
      true,
      'Always',
      { kind: 'none', why: 'previous terminated container "uptimed" in pod "uptimed" not found' },
    ],
  ])('of one that %s (previous: %s)', (_what, situation, previous, policy, expected) => {
    expect(of(situation, previous, policy)).toMatchObject(expected)
  })
})
