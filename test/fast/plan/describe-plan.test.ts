import { expect, it } from 'vitest'
import { describePlan } from '../../../src/plan/describe-plan.ts'
import type { HostPlan, Plan } from '../../../src/plan/plan.ts'
import { sampleHost } from '../../support/samples/sample-cluster.ts'

const host = (name: string, changes: boolean): HostPlan => ({
  host: sampleHost({ name }).name,
  role: 'agent',
  wave: 0,
  operations: changes ? [{ op: 'start-unit', unit: 'k3s-agent.service' }] : [],
})
const plan = (hosts: readonly HostPlan[], over: Partial<Plan> = {}): Plan => ({
  hosts,
  objects: { operations: [] },
  refusals: [],
  notes: [],
  ...over,
})
const off = [{ code: 'ssh-timeout', at: 'nova', found: 'no answer' }]
const last = (text: string) => text.split('\n').at(-1)

it.each<[string, Plan, string]>([
  ['nothing to do', plan([host('a', false), host('b', false)]), 'No changes: all 2 hosts match the inventory.'],
  ['nothing to do on one', plan([host('a', false)]), 'No changes: 1 host matches the inventory.'],
  [
    'something to do',
    plan([host('a', true), host('b', false)]),
    'Plan: 1 host to change, 1 unchanged. Run keel deploy a b to apply.',
  ],
  [
    'a host that is off',
    plan([host('a', true)], { unreachable: off }),
    'Plan: 1 host to change, 0 unchanged, 1 not reached. Run keel deploy a b to apply.',
  ],
  [
    'a host that is off, nothing else',
    plan([host('a', false)], { unreachable: off }),
    'No changes: 1 host matches the inventory, 1 not reached.',
  ],
  [
    'a refusal',
    plan([host('a', true)], { refusals: off }),
    'Plan: 1 host to change, 0 unchanged. Deploy refuses it: fix what is refused above.',
  ],
  [
    'objects alone',
    plan([host('a', false)], {
      objects: { operations: [{ op: 'see-objects' }], through: sampleHost({ name: 'a' }).name },
    }),
    "Plan: 0 hosts to change, and objects in the cluster's API, 1 unchanged. Run keel deploy a b to apply.",
  ],
])('ends with one line that counts: %s', (_what, of, line) =>
  expect(last(describePlan(of, { deploy: 'keel deploy a b' }))).toBe(line),
)

it('says when a restart depends on the value of a secret', () => {
  const restart = { op: 'restart-unit', unit: 'k3s.service', when: 'value-changed', why: 't is re-encrypted' } as const
  expect(describePlan(plan([{ ...host('a', true), operations: [restart] }])).split('\n')[1]).toBe(
    '  restart k3s.service if a secret has another value (t is re-encrypted)',
  )
})

it('leaves out what has been shown', () => {
  const shown = new Set<string>(['a (agent)\n  start k3s-agent.service'])
  expect(describePlan(plan([host('a', true), host('b', true)]), { shown }).split('\n')[0]).toBe('b (agent)')
})

it('says nothing where no host answered', () => expect(describePlan(plan([], { unreachable: off }))).toBe(''))
