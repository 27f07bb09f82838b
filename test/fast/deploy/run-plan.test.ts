import { describe, expect, it } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import { planCluster } from '../../../src/deploy/plan-cluster.ts'
import { runPlan } from '../../../src/deploy/run-plan.ts'
import { ExitCode, type Fault } from '../../../src/errors.ts'
import type { HostFault } from '../../../src/fleet/fleet.ts'
import { fakeFleet } from '../../support/hosts/fake-fleet.ts'
import { runningText } from '../../support/samples/facts-text.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

const cluster = sampleCluster([
  sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] }),
  sampleHost({ name: 'nova' }),
])
const off: HostFault = { code: 'ssh-timeout', at: 'nova', found: 'no answer', exit: ExitCode.Unreachable }

/** A deploy for which the plan and the inventory differ only in a host that is off. */
async function deploy({
  skipUnreachable,
  goOn = [],
}: {
  readonly skipUnreachable?: boolean
  readonly goOn?: readonly Fault[]
}) {
  const { request, told } = fakeFleet(cluster, { ocean: runningText('server') })
  await using planned = await planCluster(request)
  expect(planned.unreachable).toMatchObject([{ at: 'nova' }])
  told.length = 0
  const events: Event[] = []
  const hosts = planned.plan.hosts.map((host) => ({ ...host, operations: [] }))
  const ended = await runPlan(
    { ...planned, plan: { ...planned.plan, hosts, objects: { operations: [] } }, goOn },
    {
      cluster,
      readSecret: async () => expect.unreachable(),
      certifier: { prove: async () => expect.unreachable(), sign: async () => expect.unreachable() },
      env: {},
      rebuild: { hosts: [], directory: '/nowhere', env: {}, identities: [], signal: new AbortController().signal },
      emit: (event) => void events.push(event),
      signal: new AbortController().signal,
      parallel: 1,
      patience: 1,
      ...(skipUnreachable === undefined ? {} : { skipUnreachable }),
    },
  ).catch((error: unknown) => error)
  return { ended, events: events.map((event) => `${event.event} ${event.host}`), told }
}

describe('a deploy with a host that is off', () => {
  it.each([{}, { skipUnreachable: false }])('does nothing anywhere: %o', async (options) => {
    const { ended, events, told } = await deploy(options)
    expect(ended).toMatchObject({ faults: [{ at: 'nova' }], exit: ExitCode.Unreachable })
    expect({ events, told }).toEqual({ events: [], told: [] })
  })

  it('goes on if told so, says at the end which host is behind, and is not done', async () => {
    const { ended, events } = await deploy({ skipUnreachable: true })
    expect(ended).toBe(ExitCode.Unreachable)
    expect(events).toEqual(['done ocean', 'behind nova'])
  })

  it('does nothing anywhere where the others can’t go on', async () => {
    const goOn = [{ code: 'skip-quorum', at: 'nova', found: 'too few' }]
    const { ended, events, told } = await deploy({ skipUnreachable: true, goOn })
    expect(ended).toMatchObject({ faults: [{ code: off.code }, { code: 'skip-quorum' }], exit: ExitCode.Unreachable })
    expect({ events, told }).toEqual({ events: [], told: [] })
  })
})
