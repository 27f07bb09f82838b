import { describe, expect, test } from 'vitest'
import { prettyName, taintOf } from '../../../src/vkubelet/program/host-facts.ts'
import { permitToken } from '../../../src/vkubelet/program/issuer-of.ts'
import { answerTo } from '../../../src/vkubelet/program/own-node.ts'
import { refuseWholeReserve } from '../../../src/vkubelet/program/refuse-reserve.ts'

describe('what keel asks the program for', () => {
  const node = {
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'False' },
        { type: 'Ready', status: 'True', lastHeartbeatTime: '2026-11-30T12:00:00Z', message: 'systemd answers' },
      ],
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'Hostname', address: 'farm' },
        { type: 'InternalIP', address: 'fd00::1' },
      ],
    },
  }

  test.each([
    ['ready', 'True 2026-11-30T12:00:00Z systemd answers'],
    ['addresses', '10.0.0.1\nfd00::1'],
    ['json', JSON.stringify(node)],
  ] as const)('%s', (question, expected) => {
    expect(answerTo(question, node)).toBe(expected)
  })

  test('a Node without a status says nothing', () => {
    expect(answerTo('ready', { kind: 'Node' })).toBe('')
  })
})

describe('what the host is', () => {
  test.each([
    ['key=value:NoSchedule', { key: 'key', value: 'value', effect: 'NoSchedule' }],
    ['example.com/key:NoExecute', { key: 'example.com/key', effect: 'NoExecute' }],
    ['key=:NoSchedule', { key: 'key', effect: 'NoSchedule' }],
  ])('the taint %s', (text, expected) => {
    expect(taintOf(text)).toEqual(expected)
  })

  test.each([
    ['ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n', 'Debian GNU/Linux 12 (bookworm)'],
    ['PRETTY_NAME=Plain\n', 'Plain'],
    ['ID=x\n', 'Linux'],
  ])('%j', (text, expected) => {
    expect(prettyName(text)).toBe(expected)
  })
})

test('a reserve that leaves nothing for Pods is refused, because they would all end', () => {
  const gibibyte = 2 ** 30
  const refuse = (memory: number) => refuseWholeReserve({ memory: gibibyte, reserve: { milliCores: 100, memory } })
  expect(() => refuse(gibibyte - 1)).not.toThrow()
  expect(() => refuse(900 * gibibyte)).toThrow(
    expect.objectContaining({
      code: 'vkubelet-reserve',
      found: 'the system keeps 921600Mi of memory, and the host has 1024Mi',
    }),
  )
})

test('the token of a permit is its second word', () => {
  expect(permitToken('join abcdef.0123456789abcdef\n')).toBe('abcdef.0123456789abcdef')
})
