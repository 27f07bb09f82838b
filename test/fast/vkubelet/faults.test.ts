import { expect, test } from 'vitest'
import { ApiError } from '../../../src/agent/kubernetes/api.ts'
import { Faults } from '../../../src/vkubelet/faults.ts'
import { NoRoom } from '../../../src/vkubelet/host/keep-room.ts'
import { RemovalError } from '../../../src/vkubelet/host/remove-tree.ts'
import { SystemctlError } from '../../../src/vkubelet/host/systemctl.ts'
import { reasonOf } from '../../../src/vkubelet/reason-of.ts'

/** Neither longer nor shorter by chance. */
const MIDDLE = 0.5

test('what fails again and again is tried ever less often, and what has succeeded begins anew', () => {
  const faults = new Faults()
  const pauses = Array.from({ length: 11 }, () => faults.failed('a', 'why', 0, MIDDLE) / 1000)
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  expect(faults.failed('b', 'other', 0, MIDDLE)).toBe(1_000)
  expect([...faults.paused(999)]).toEqual([
    ['a', 'why'],
    ['b', 'other'],
  ])
  expect([...faults.paused(1_000).keys()]).toEqual(['a'])
  faults.succeeded('a')
  expect(faults.paused(0).has('a')).toBe(false)
  expect(faults.failed('a', 'why', 0, MIDDLE)).toBe(1_000)
})

test('what was not tried again is forgotten', () => {
  const faults = new Faults()
  faults.failed('a', 'why', 0, MIDDLE)
  faults.forget(301_000)
  expect(faults.failed('a', 'why', 0, MIDDLE)).toBe(2_000)
  faults.forget(302_001)
  expect(faults.failed('a', 'why', 0, MIDDLE)).toBe(1_000)
})

test.each([
  ['an answer of the API server', new ApiError('the API server answered 500'), 'the API server answered 500'],
  ['words of systemctl', new SystemctlError('Failed to stop x'), 'Failed to stop x'],
  ['a host without room', new NoRoom('the host has no room for it in /run'), 'the host has no room for it in /run'],
  ['a removal', new RemovalError('rm could not remove /x'), 'rm could not remove /x'],
  ['an error of the system', Object.assign(new Error('secret'), { code: 'ENOSPC' }), 'ENOSPC'],
  ['an error whose text nobody knows', new TypeError('secret'), 'TypeError'],
  ['what is no error', 'secret', 'unknown error'],
])('%s in words', (_what, error, words) => {
  expect(reasonOf(error)).toBe(words)
})
