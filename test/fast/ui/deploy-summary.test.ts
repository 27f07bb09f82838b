import { expect, it } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import { ExitCode } from '../../../src/errors.ts'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { DeploySummary } from '../../../src/ui/deploy-summary.ts'

const fault = { code: 'x', found: 'x' }
const done = (host: string, changed: boolean): Event => ({ event: 'done', host, changed, seconds: 1 })
const failed = (host: string): Event => ({ event: 'failed', host, fault })
const waits = (host: string): Event => ({ event: 'not-switched', host, because: 'x' })
const behind = (host: string): Event => ({ event: 'behind', host, fault })
const placed: Event = { event: 'operation', host: 'a', operation: { op: 'place-ca' } }
const later = 'Next: keel status, and commit the inventory if you have not.'
const again = 'Next: fix the cause shown above, then run keel deploy a. It continues from here.'

it.each<[string, readonly Event[], ExitCode, readonly string[]]>([
  ['all done', [done('a', true), done('b', false)], 0, ['Done: 1 host changed, 1 unchanged in 2.5 s.', later]],
  ['nothing to do', [done('a', false), done('b', false)], 0, ['Done: 2 hosts unchanged in 2.5 s.']],
  [
    'the first deploy of a cluster',
    [placed, done('a', true)],
    0,
    [
      'Done: 1 host changed in 2.5 s.',
      'Next:',
      '  keel kubeconfig --merge    # for kubectl on this machine',
      '  kubectl get nodes',
    ],
  ],
  [
    'a host that failed',
    [done('a', true), failed('b'), waits('c'), waits('d')],
    1,
    ['Not done: 1 host changed, 1 failed, 2 not switched in 2.5 s.', again],
  ],
  ['a first deploy that failed', [placed, failed('a')], 4, ['Not done: 1 host failed in 2.5 s.', again]],
  [
    'a host that is off',
    [done('a', false), behind('b')],
    ExitCode.Unreachable,
    ['Not done: 1 host unchanged, 1 left behind in 2.5 s.', 'Next: keel deploy b when it answers.'],
  ],
  [
    'two hosts that are off',
    [done('a', true), behind('b'), behind('c')],
    ExitCode.Unreachable,
    ['Not done: 1 host changed, 2 left behind in 2.5 s.', 'Next: keel deploy b c when they answer.'],
  ],
  [
    'a host that failed, and one that is off',
    [failed('a'), behind('b')],
    1,
    ['Not done: 1 host failed, 1 left behind in 2.5 s.', again],
  ],
])('%s', (_what, events, exit, lines) => {
  const summary = new DeploySummary()
  for (const event of events) summary.take(event)
  expect(plainText(summary.describe(exit, 2.49, 'keel deploy a')).split('\n')).toEqual(lines)
})

it('names no command if the caller does', () => {
  const summary = new DeploySummary()
  summary.take(failed('a'))
  expect(plainText(summary.describe(ExitCode.Failed, 1))).toBe('Not done: 1 host failed in 1.0 s.')
})
