import { expect, it } from 'vitest'
import { deployCluster } from '../../../src/deploy/deploy-cluster.ts'
import type { Event } from '../../../src/deploy/event.ts'
import { ExitCode, KeelError } from '../../../src/errors.ts'
import type { HostName } from '../../../src/model/brands.ts'
import type { HostPlan } from '../../../src/plan/plan.ts'

const host = (name: string, wave: number): HostPlan => ({
  host: name as HostName,
  role: wave === 0 ? 'server' : 'agent',
  wave,
  operations: [{ op: 'reload-systemd' }],
})

const plan = { hosts: [host('ocean', 0), host('maia', 1)], refusals: [] }

it('says of an interrupted host how to go on, and ends with the interruption itself', async () => {
  const events: Event[] = []
  const interrupt = new AbortController()
  const deployed = deployCluster({
    plan,
    deployHost: async () => {
      interrupt.abort(new Error('SIGINT'))
      throw interrupt.signal.reason
    },
    emit: (event) => events.push(event),
    parallel: 1,
    signal: interrupt.signal,
  })
  await expect(deployed).rejects.toThrow('SIGINT')
  expect(events).toMatchObject([
    { event: 'failed', host: 'ocean', fault: { code: 'interrupted', todo: expect.stringContaining('keel deploy ocean') } },
    { event: 'untouched', host: 'maia' },
  ])
})

it('names the host for which the later ones stay untouched, whatever failed there', async () => {
  const events: Event[] = []
  const exit = await deployCluster({
    plan,
    deployHost: async () => {
      throw new KeelError({ code: 'x', at: 'secrets/x.age', found: 'no', exit: ExitCode.Locked })
    },
    emit: (event) => events.push(event),
    parallel: 1,
    signal: new AbortController().signal,
  })
  expect(exit).toBe(ExitCode.Locked)
  expect(events.at(-1)).toEqual({ event: 'untouched', host: 'maia', because: 'ocean failed' })
})
