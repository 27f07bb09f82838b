import { expect, test } from 'vitest'
import { nextStep } from '../../../src/vkubelet/reconcile/next-step.ts'
import type { Operation } from '../../../src/vkubelet/reconcile/operation.ts'
import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import type { SeenUnit } from '../../../src/vkubelet/reconcile/world.ts'
import { UNIT } from '../../support/vkubelet/reconciled.ts'
import { SimulatedHost } from '../../support/vkubelet/simulated-host.ts'

const run: Operation = { kind: 'run', units: [UNIT] }
const term: Operation = { kind: 'signal', units: [UNIT], signal: 'SIGTERM' }
const kill: Operation = { kind: 'signal', units: [UNIT], signal: 'SIGKILL' }

type Active = NonNullable<SeenUnit['shown']>['active']

/** One Pod that runs, as systemd shows its unit. */
function worldOf(active: Active) {
  const host = new SimulatedHost()
  host.create('one')
  host.settle()
  const { pods, units } = host.world()
  const seen = new Map([...units].map(([name, unit]) => [name, name === UNIT ? withState(unit, active) : unit]))
  return { pods, units: seen }
}

function withState(unit: SeenUnit, active: Active): SeenUnit {
  return unit.shown === undefined ? unit : { ...unit, shown: { ...unit.shown, active } }
}

test.each<[string, readonly Operation[], Active, boolean, string]>([
  ['a start was told', [run], 'inactive', false, 'soon'],
  ['a program was told to end', [term], 'active', false, 'soon'],
  ['one was killed', [kill], 'active', false, 'again'],
  ['one starts, and was told to a moment ago', [], 'activating', true, 'soon'],
  ['one has been starting for longer', [], 'activating', false, 'again'],
  ['it runs, and was told to a moment ago', [], 'active', true, 'rest'],
  ['it runs', [], 'active', false, 'rest'],
])('%s', (_, operations, active, hasJustRun, kind) => {
  expect(nextStep(operations, worldOf(active), hasJustRun).kind).toBe(kind)
})

test('a Node with a new Pod is looked at soon, and rests when that runs', () => {
  const host = new SimulatedHost()
  host.create('one')
  expect(nextStep(reconcile(host.world()), host.world(), false).kind).toBe('soon')
  host.settle()
  expect(nextStep(reconcile(host.world()), host.world(), false)).toMatchObject({ kind: 'rest' })
})
