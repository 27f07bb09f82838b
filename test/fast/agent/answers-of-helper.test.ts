import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journalLine } from '../../../src/agent/journal/line-of.ts'
import { driftOf } from '../../../src/agent/routes/drift.ts'
import { generationOf } from '../../../src/agent/routes/generation.ts'
import { nodeOf } from '../../../src/agent/routes/kubernetes.ts'
import { isReadable, isRestartable, unitStates } from '../../../src/agent/services/unit-states.ts'
import { validFor } from '../../support/keel/valid-output.ts'

const shown = (settings: object) =>
  Object.entries({
    NRestarts: '3',
    Result: 'success',
    Id: 'k3s.service',
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    UnitFileState: 'enabled',
    StateChangeTimestamp: 'Mon 2025-11-24 16:00:00 UTC',
    ...settings,
  }).map(([key, value]) => `${key}=${value}`)

describe('the states of units', () => {
  test('are those of the units that the host has', () => {
    const lines = [
      ...shown({}),
      '',
      ...shown({ Id: 'keel-vip.service', LoadState: 'not-found' }),
      '',
      ...shown({ Id: 'ssh.service' }),
      '',
      // asked by its other name
      ...shown({ Id: 'ssh.service' }),
    ]
    const [k3s, ssh, ...more] = unitStates(lines)
    expect(more).toEqual([])
    expect(k3s).toEqual({
      unit: 'k3s.service',
      active: 'active',
      sub: 'running',
      enabled: 'enabled',
      since: '2025-11-24T16:00:00.000Z',
      restarts: 3,
      result: 'success',
      journal: true,
      restart: true,
    })
    expect(ssh).toMatchObject({ journal: true, restart: false })
  })

  test('have only words of systemd', () => {
    const [found] = unitStates(
      shown({ ActiveState: '\u001b[31m', NRestarts: '-1', StateChangeTimestamp: 'n/a', SubState: 'x'.repeat(99) }),
    )
    expect(found).toMatchObject({ active: 'unknown', sub: 'unknown', restarts: 0 })
    expect(found).not.toHaveProperty('since')
    for (const time of ['Mon 2025-11-24 16:00:00 CET', 'Mon 2025-13-24 16:00:00 UTC', '@1764000000', '-'.repeat(9999)])
      expect(unitStates(shown({ StateChangeTimestamp: time }))[0]).not.toHaveProperty('since')
    expect(unitStates(shown({ Id: 'a\u001b[31m.service' }))).toEqual([])
  })

  test.each(['../../x', '-f', 'k3s.service;reboot', 'k3s', 'cron.service', '', 'K3S.SERVICE', 'k3s.service '])(
    'attack 6: %j is no unit that is read or restarted',
    (unit) => {
      expect(isReadable(unit) || isRestartable(unit)).toBe(false)
    },
  )
})

test('how Kubernetes is: the unit, the version and whether etcd has data', () => {
  const lines = [
    ...shown({}),
    '',
    ...shown({ Id: 'k3s-agent.service', LoadState: 'not-found' }),
    '',
    'Etcd=yes',
    'Version=v1.35.1+k3s1',
  ]
  expect(nodeOf(lines)).toEqual({
    service: { unit: 'k3s.service', active: 'active', sub: 'running', since: '2025-11-24T16:00:00.000Z', restarts: 3 },
    version: 'v1.35.1+k3s1',
    hasEtcd: true,
  })
  expect(nodeOf(['Version=v1; reboot', 'Etcd=no'])).toEqual({ hasEtcd: false })
})

describe('the generation', () => {
  test.each([
    [
      ['generation\tabc-1', 'keel\t0.2.0', 'deployed\t1764000000', 'pending'],
      {
        generation: 'abc-1',
        keel: '0.2.0',
        deployed: '2025-11-24T16:00:00.000Z',
        restartPending: true,
        unconfirmed: false,
      },
    ],
    [
      ['sources\tdd', 'system\t/nix/store/a-nixos', 'unconfirmed'],
      { generation: '/nix/store/a-nixos', restartPending: false, unconfirmed: true },
    ],
    [[], { restartPending: false, unconfirmed: false }],
    [['generation\ta\u001b[31m', 'deployed\tnow'], { restartPending: false, unconfirmed: false }],
  ])('%j', (lines, expected) => {
    expect(generationOf(lines)).toEqual(expected)
  })
})

describe('drift', () => {
  test('is paths and kinds', () => {
    expect(
      driftOf(['known', 'differs\tmode\t/etc/a b', 'differs\tsecret\t/etc/x', 'differs\tmode\tno path', 'compared\t7']),
    ).toEqual({
      known: true,
      compared: 7,
      differences: [{ path: '/etc/a b', kind: 'mode' }],
    })
    expect(driftOf(['compared\t0'])).toEqual({ known: false, compared: 0, differences: [] })
  })

  test('is cut where it is too much', () => {
    const { differences, cut } = driftOf(Array.from({ length: 501 }, (_, index) => `differs\tmissing\t/etc/${index}`))
    expect(differences.length).toBe(500)
    expect(cut).toBe(true)
  })
})

describe('a line of the journal', () => {
  const line = (text: string, isCut = false) => journalLine({ text, isCut }, 'k3s.service')
  const json = (more: object) => JSON.stringify({ __REALTIME_TIMESTAMP: '1764000000123456', ...more })

  test.each<[string, object, object]>([
    ['a text', { MESSAGE: 'up', PRIORITY: '3' }, { message: 'up', priority: 3 }],
    ['without a priority', { MESSAGE: 'up' }, { message: 'up', priority: 6 }],
    ['a wrong priority', { MESSAGE: 'up', PRIORITY: '9' }, { message: 'up', priority: 6 }],
    ['bytes', { MESSAGE: [104, 105, 255] }, { message: 'hi\ufffd' }],
    ['several', { MESSAGE: ['a', 'b'] }, { message: 'a\nb' }],
    ['none', { MESSAGE: null }, { message: '' }],
    ['something else', { MESSAGE: { a: 1 } }, { message: '' }],
    ['control characters', { MESSAGE: '\u001b[31m\n' }, { message: '\u001b[31m\n' }],
  ])('with %s', (_what, more, expected) => {
    const found = line(json(more))
    expect(found).toMatchObject({ time: '2025-11-24T16:00:00.123456Z', unit: 'k3s.service', ...expected })
    validFor('agent-v1/journal', found ?? {})
  })

  test('that is longer than 16 kB is cut, and says so', () => {
    expect(line(json({ MESSAGE: 'x'.repeat(16_384) }))).not.toHaveProperty('cut')
    const found = line(json({ MESSAGE: 'x'.repeat(20_000) }))
    expect(found?.message.length).toBe(16_384)
    expect(found?.cut).toBe(true)
  })

  test.each([
    ['a text', `${json({ PRIORITY: '2', MESSAGE: 'one \\ "two"\n\u001b' }).slice(0, -2)}`, 'one \\ "two"\n\u001b'],
    ['within an escape', '{"__REALTIME_TIMESTAMP":"1764000000123456","PRIORITY":"2","MESSAGE":"one\\', 'one'],
    ['within another', '{"__REALTIME_TIMESTAMP":"1764000000123456","PRIORITY":"2","MESSAGE":"one\\u00', 'one'],
    ['bytes', '{"__REALTIME_TIMESTAMP":"1764000000123456","PRIORITY":"2","MESSAGE":[104,105,10', 'hi'],
    ['before the message', '{"__REALTIME_TIMESTAMP":"1764000000123456","PRIORITY":"2","MESS', ''],
  ])('whose end is missing: %s', (_what, text, message) => {
    expect(line(text, true)).toEqual({
      time: '2025-11-24T16:00:00.123456Z',
      unit: 'k3s.service',
      priority: 2,
      message,
      cut: true,
    })
  })

  test('attack 6: whatever a helper sends as one is a line or none', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string().map((MESSAGE) => json({ MESSAGE })),
    )
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isCut) => {
        const found = line(text, isCut)
        if (found !== undefined) validFor('agent-v1/journal', found)
      }),
    )
  })
})
