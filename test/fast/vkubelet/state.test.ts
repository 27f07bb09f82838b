import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPause, runsAgain } from '../../../src/vkubelet/state/back-off.ts'
import { type ShownUnit, shownUnits } from '../../../src/vkubelet/state/shown-units.ts'
import { situationOf } from '../../../src/vkubelet/state/situation.ts'
import { LOST } from '../../../src/vkubelet/units/end.ts'
import type { UnitMetadata } from '../../../src/vkubelet/units/metadata.ts'
import { shown, shownEnded } from '../../support/vkubelet/shown.ts'

const UNIT = 'vks.default.uptimed.uptimed.service'
const one = (text: string): ShownUnit => shownUnits(text).get(UNIT) ?? expect.unreachable(text)
const [first, second] = ['a'.repeat(32), 'b'.repeat(32)] as const
const started = Date.parse('2026-11-30T08:00:00.250Z')
const finished = Date.parse('2026-11-30T08:00:05.000Z')

describe('what systemd shows', () => {
  test('of a unit that runs', () => {
    expect(one(shown())).toEqual({
      unit: UNIT,
      active: 'active',
      sub: 'running',
      invocation: first,
      started,
      tasks: 3,
      needsReload: false,
    })
  })

  test.each<[string, string, object]>([
    ['exited 0', shownEnded(1, 0), { exitCode: 0, reason: 'Completed' }],
    ['exited 7', shownEnded(1, 7), { exitCode: 7, reason: 'Error' }],
    // the program itself may exit with a status that is systemd’s own otherwise
    ['exited 203', shownEnded(1, 203), { exitCode: 203, reason: 'Error' }],
    ['killed by SIGKILL', shownEnded(2, 9), { exitCode: 137, reason: 'Error' }],
    [
      'ended by SIGTERM, which systemd calls a success',
      shownEnded(2, 15, { ActiveState: 'active', SubState: 'exited', Result: 'success' }),
      { exitCode: 143, reason: 'Error' },
    ],
    ['dumped its core', shownEnded(3, 11), { exitCode: 139, reason: 'Error' }],
    ['ran out of memory', shownEnded(2, 9, { Result: 'oom-kill' }), { exitCode: 137, reason: 'OOMKilled' }],
    [
      'no such program',
      shownEnded(1, 203, { ActiveEnterTimestampMonotonic: '0' }),
      { exitCode: 128, reason: 'StartError' },
    ],
    [
      'was killed before systemd saw its beginning',
      shownEnded(2, 9, { ActiveEnterTimestampMonotonic: '0' }),
      { exitCode: 137, reason: 'Error' },
    ],
    [
      'ended before systemd saw its beginning',
      shownEnded(1, 3, { ActiveEnterTimestampMonotonic: '0' }),
      { exitCode: 3, reason: 'Error' },
    ],
    [
      'no such program, after a run that was good',
      shownEnded(1, 203, { ActiveEnterTimestampMonotonic: '999999' }),
      { exitCode: 128, reason: 'StartError' },
    ],
  ])('of one that %s', (_what, text, expected) => {
    expect(one(text).end).toEqual({ ...expected, started, finished })
  })

  test('of one that could not even begin', () => {
    const text = shownEnded(0, 0, {
      Result: 'resources',
      ExecMainStartTimestamp: '',
      ExecMainStartTimestampMonotonic: '0',
      ExecMainExitTimestamp: '',
    })
    expect(one(text).end).toEqual({ exitCode: 128, reason: 'StartError' })
  })

  test('of several, and of none of its own', () => {
    const other = shown({
      Id: 'vks.default.a.b.service',
      NeedDaemonReload: 'yes',
      TasksCurrent: '18446744073709551615',
    })
    const units = shownUnits([shown(), other, shown({ Id: 'ssh.service' })].join('\n'))
    expect([...units.keys()]).toEqual([UNIT, 'vks.default.a.b.service'])
    expect(units.get('vks.default.a.b.service')).toMatchObject({ needsReload: true, tasks: 0 })
  })

  test('has only words and numbers of systemd', () => {
    const text = shown({
      ActiveState: '\u001b[31m',
      SubState: 'x'.repeat(99),
      InvocationID: 'z',
      ExecMainStartTimestamp: 'Mon 2026-13-30 08:00:00 UTC',
    })
    expect(one(text)).toEqual({ unit: UNIT, active: 'unknown', sub: 'unknown', tasks: 3, needsReload: false })
    fc.assert(fc.property(fc.string(), (any) => shownUnits(any).size <= 1 || any.includes('\n\n')))
  })
})

const metadata = (more: Partial<UnitMetadata> = {}): UnitMetadata => ({
  namespace: 'default',
  pod: 'uptimed',
  uid: 'u',
  container: 'uptimed',
  image: 'uptimed',
  run: 0,
  ...more,
})

describe('where a container is', () => {
  const again = metadata({ run: 1, after: first, last: { exitCode: 7, reason: 'Error' } })
  test.each<[string, Parameters<typeof situationOf>, object]>([
    ['nothing is known', [undefined, undefined, undefined], { kind: 'absent' }],
    ['only that it was never started', [undefined, undefined, { restarts: 0 }], { kind: 'absent' }],
    ['a unit that systemd has not loaded', [metadata(), undefined, undefined], { kind: 'prepared' }],
    [
      'a unit for the next run, before its start',
      [again, one(shownEnded(1, 7)), { restarts: 0, invocation: first }],
      { kind: 'prepared' },
    ],
    [
      'the next run',
      [again, one(shown({ InvocationID: second })), { restarts: 0, invocation: first }],
      { kind: 'running', invocation: second, started },
    ],
    [
      'a start',
      [metadata(), one(shown({ ActiveState: 'activating', SubState: 'start' })), undefined],
      { kind: 'starting', invocation: first },
    ],
    ['a run', [metadata(), one(shown()), undefined], { kind: 'running', invocation: first }],
    [
      'a stop',
      [metadata(), one(shown({ ActiveState: 'deactivating', SubState: 'stop-sigterm' })), undefined],
      { kind: 'running' },
    ],
    [
      'an end',
      [metadata(), one(shownEnded(1, 7)), undefined],
      { kind: 'ended', run: 0, invocation: first, end: { exitCode: 7 } },
    ],
    [
      'after a reboot',
      [undefined, undefined, { restarts: 2, invocation: first }],
      { kind: 'ended', run: 2, invocation: first, end: LOST },
    ],
    [
      'stopped by hand, and forgotten by systemd',
      [metadata(), undefined, { restarts: 0, invocation: first }],
      { kind: 'ended', run: 0, end: LOST },
    ],
    [
      'stopped by hand',
      [metadata(), one(shown({ ActiveState: 'inactive', SubState: 'dead' })), undefined],
      { kind: 'ended', run: 0, end: LOST },
    ],
    [
      'the next run was reported, and systemd lost it',
      [again, undefined, { restarts: 1, invocation: second }],
      { kind: 'ended', run: 1, end: LOST },
    ],
  ])('%s', (_what, args, expected) => {
    expect(situationOf(...args)).toMatchObject(expected)
  })
})

describe('the pause before the next run', () => {
  test('is none, 10 s, then twice as long, at most 300 s', () => {
    const pauses: number[] = []
    for (let pause: number | undefined; pauses.length < 8; pauses.push(pause))
      pause = nextPause(pause, { exitCode: 1, reason: 'Error', started: 0, finished: 5_000 })
    expect(pauses).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
  })

  test('begins anew after a run of ten minutes', () => {
    const end = { exitCode: 1, reason: 'Error', started: 0 } as const
    expect(nextPause(300, { ...end, finished: 600_000 })).toBe(0)
    expect(nextPause(300, { ...end, finished: 599_000 })).toBe(300)
    expect(nextPause(40, LOST)).toBe(80)
  })

  test.each([
    ['Always', 0, false, true],
    ['Always', 1, false, true],
    ['OnFailure', 0, false, false],
    ['OnFailure', 1, false, true],
    ['Never', 1, false, false],
    ['Always', 0, true, false],
    ['Always', 1, true, true],
    ['Never', 1, true, false],
  ] as const)('%s, exit code %d, init %s: %s', (policy, exitCode, isInit, expected) => {
    expect(runsAgain(policy, { exitCode, reason: 'Error' }, isInit)).toBe(expected)
  })
})
