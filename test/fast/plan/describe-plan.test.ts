import { expect, it } from 'vitest'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { describePlan } from '../../../src/plan/describe-plan.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import type { HostPlan, Plan } from '../../../src/plan/plan.ts'
import { sampleHost } from '../../support/samples/sample-cluster.ts'

const start: Operation = { op: 'start-unit', unit: 'k3s-agent.service' }
const host = (name: string, operations: readonly Operation[] = []): HostPlan => ({
  host: sampleHost({ name }).name,
  role: 'agent',
  wave: 0,
  operations,
})
const plan = (hosts: readonly HostPlan[], over: Partial<Plan> = {}): Plan => ({
  hosts,
  objects: { operations: [] },
  refusals: [],
  notes: [],
  ...over,
})
const through = sampleHost({ name: 'a' }).name
const off = [{ code: 'ssh-timeout', at: 'nova', found: 'no answer' }]
const lines = (of: Plan) => plainText(describePlan(of, { deploy: 'keel deploy a b' })).split('\n')

it.each<[string, Plan, readonly string[]]>([
  ['nothing to do', plan([host('a'), host('b')]), ['No changes: all 2 hosts match the inventory.']],
  ['nothing to do on one', plan([host('a')]), ['No changes: 1 host matches the inventory.']],
  [
    'a host that is off, nothing else',
    plan([host('a')], { unreachable: off }),
    ['No changes: 1 host matches the inventory, 1 not reached.'],
  ],
  [
    'a service that starts',
    plan([host('a', [start]), host('b')]),
    [
      'Plan: 0 to add, 0 to change, 0 to remove on 1 host (1 unchanged); k3s-agent starts on a.',
      'Run keel deploy a b to apply.',
    ],
  ],
  [
    'a host that is off',
    plan([host('a', [{ op: 'remove-path', path: '/a' }])], { unreachable: off }),
    [
      'Plan: 0 to add, 0 to change, 1 to remove on 1 host (0 unchanged, 1 not reached).',
      'Run keel deploy a b to apply.',
    ],
  ],
  [
    'a refusal',
    plan([host('a', [start])], { refusals: off }),
    [
      'Plan: 0 to add, 0 to change, 0 to remove on 1 host (0 unchanged); k3s-agent starts on a.',
      'Deploy refuses it: fix what is refused above.',
    ],
  ],
  [
    'objects alone',
    plan([host('a')], {
      objects: {
        operations: [{ op: 'apply-object', kind: 'Namespace', name: 'n', why: 'missing', fields: [] }],
        through,
      },
    }),
    ["Plan: 1 to add, 0 to change, 0 to remove in the cluster's API (1 unchanged).", 'Run keel deploy a b to apply.'],
  ],
  [
    'everything at once, on many hosts',
    plan(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
        host(name, [
          { op: 'write-file', path: '/x', why: 'missing' },
          { op: 'write-file', path: '/y', why: 'content' },
          { op: 'restart-unit', unit: 'k3s.service', when: name === 'f' ? 'value-changed' : 'always', why: '/y' },
          { op: 'run-unit', unit: 'keel-vip.service', by: 'restart' },
        ]),
      ),
      { objects: { operations: [{ op: 'see-objects' }], through } },
    ),
    [
      "Plan: 6 to add, 6 to change, 0 to remove on 6 hosts and in the cluster's API (0 unchanged)" +
        '; k3s restarts on a, b, c, d, e; keel-vip restarts on a, b, c, d, e and 1 more; k3s may restart on f.',
      'Run keel deploy a b to apply.',
    ],
  ],
])('ends with a summary: %s', (_what, of, summary) => expect(lines(of).slice(-summary.length)).toEqual(summary))

it.each<[string, Operation]>([
  ['+ write /a', { op: 'write-file', path: '/a', why: 'missing' }],
  ['~ write /a (its content differs)', { op: 'write-file', path: '/a', why: 'content' }],
  ['+ make /a/ (0755)', { op: 'make-directory', path: '/a', mode: '0755', why: 'missing' }],
  ['+ link /a → /b', { op: 'set-link', path: '/a', target: '/b', why: 'missing' }],
  ['~ store secret t (re-encrypted)', { op: 'store-credential', id: 't', why: 're-encrypted' }],
  ['+ store secret t (not on the host yet)', { op: 'store-credential', id: 't', why: 'missing' }],
  ['- remove /a (no longer in the inventory)', { op: 'remove-path', path: '/a' }],
  ['- stop and remove u.service (no longer in the inventory)', { op: 'remove-unit', unit: 'u.service', path: '/u' }],
  ['! restart u.service if it runs (changed: /a)', { op: 'restart-reader', unit: 'u.service', of: '/a' }],
  [
    '! restart k3s.service if a secret has another value (t is re-encrypted)',
    { op: 'restart-unit', unit: 'k3s.service', when: 'value-changed', why: 't is re-encrypted' },
  ],
  ['! restart u.service', { op: 'run-unit', unit: 'u.service', by: 'restart' }],
  ['> reload u.service', { op: 'run-unit', unit: 'u.service', by: 'reload' }],
  ['> start k3s-agent.service', start],
  ['> systemctl daemon-reload', { op: 'reload-systemd' }],
])('each operation has its mark: %s', (line, operation) =>
  expect(lines(plan([host('a', [operation])])).slice(0, 2)).toEqual(['a (agent)', `  ${line}`]),
)

it('has the looks of a built system at the lines of its module', () => {
  const operation: Operation = {
    op: 'switch-system',
    why: 'its sources changed',
    secrets: [],
    diff: ['- a', '+ b'],
    closure: ['closure: 1.0 MiB → 2.0 MiB'],
  }
  expect(describePlan(plan([host('a', [operation])])).slice(1, 5)).toEqual([
    ['  ', { text: '~', look: 'changed' }, ' build its system and switch to it (its sources changed)'],
    ['  ', { text: '    - a', look: 'removed' }],
    ['  ', { text: '    + b', look: 'added' }],
    ['  ', '    closure: 1.0 MiB → 2.0 MiB'],
  ])
})

it('leaves out what has been shown', () => {
  const shown = new Set<string>(['a (agent)\n  > start k3s-agent.service'])
  const text = plainText(describePlan(plan([host('a', [start]), host('b', [start])]), { shown }))
  expect(text.split('\n')[0]).toBe('b (agent)')
})

it('says nothing where no host answered', () => expect(describePlan(plan([], { unreachable: off }))).toEqual([]))
