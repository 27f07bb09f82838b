import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { HealthKeeper, type SeenRun } from '../../../src/vkubelet/health/health-keeper.ts'
import { runningNow } from '../../../src/vkubelet/health/running-now.ts'
import { shownUnits } from '../../../src/vkubelet/state/shown-units.ts'
import { containerUnit } from '../../../src/vkubelet/units/container-unit.ts'
import { unitText } from '../../../src/vkubelet/units/unit-text.ts'
import { until } from '../../support/until.ts'
import { samplePod } from '../../support/vkubelet/sample-pod.ts'
import { shown } from '../../support/vkubelet/shown.ts'

/** A program that is asked for its health, with an answer for each path. */
const answers = new Map<string, number>()
const asked: string[] = []
const server = createServer(({ url = '' }, response) => {
  asked.push(url)
  response.writeHead(answers.get(url) ?? 404).end()
})
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

let keeper: HealthKeeper
let changes = 0
const told: string[] = []
const unhealthy: string[] = []
afterEach(() => {
  keeper.stop()
  answers.clear()
  asked.length = 0
  changes = 0
  told.length = 0
  unhealthy.length = 0
})

type Json = Readonly<Record<string, unknown>>
const http = (path: string, more: Json = {}) => ({
  httpGet: { path, port },
  periodSeconds: 1,
  failureThreshold: 1,
  ...more,
})
const runOf = (container: Json, parts: Json = {}, invocation = 'a'.repeat(32)): SeenRun => {
  const pod = samplePod({ container, ...parts })
  const [one = expect.unreachable()] = pod.containers
  return {
    pod,
    container: one,
    unit: 'vks.default.uptimed.uptimed.service',
    pid: 1,
    address: '127.0.0.1',
    invocation,
    started: Date.now(),
  }
}
const begin = () => {
  keeper = new HealthKeeper({
    changed: () => {
      changes += 1
    },
    failed: ({ container }, why) => told.push(`${container.name}: ${why}`),
    unhealthy: (_run, kind, why) => unhealthy.push(`${kind}: ${why}`),
  })
  return keeper
}
const healthOf = ({ invocation }: SeenRun) => keeper.healths.get(invocation)

test('a run is asked until it is gone, and every change is told', async () => {
  const run = runOf({ readinessProbe: http('/ready'), livenessProbe: http('/alive', { failureThreshold: 2 }) })
  answers.set('/alive', 200)
  begin().see([run])
  expect(healthOf(run)).toEqual({ isStarted: true, isReady: false })
  await until('it was asked', () => asked.includes('/ready'))
  expect(changes).toBe(0)
  answers.set('/ready', 200)
  await until('it is ready', () => healthOf(run)?.isReady)
  expect(changes).toBe(1)
  answers.set('/alive', 500)
  const failed = await until('it is not well', () => healthOf(run)?.failed)
  expect(failed.why).toBe('its liveness probe failed 2 times: HTTP probe failed with statuscode: 500')
  expect(told).toEqual([`uptimed: ${failed.why}`])
  // each failure, also before it has a consequence
  expect(unhealthy.filter((one) => one.startsWith('liveness'))).toEqual(
    Array(2).fill('liveness: HTTP probe failed with statuscode: 500'),
  )
  expect(unhealthy).toContain('readiness: HTTP probe failed with statuscode: 404')
  keeper.see([])
  expect(keeper.healths.size).toBe(0)
})

test('a hook comes before the probes, and another one before the end', async () => {
  const lifecycle = { postStart: { httpGet: { path: '/begin', port } }, preStop: { httpGet: { path: '/end', port } } }
  const run = runOf({ lifecycle, readinessProbe: http('/ready') })
  for (const path of ['/begin', '/ready']) answers.set(path, 200)
  begin().see([run])
  expect(healthOf(run)).toEqual({ isStarted: false, isReady: false })
  await until('the hook is done', () => healthOf(run)?.isStarted)
  keeper.see([run])
  await until('it is ready', () => healthOf(run)?.isReady)
  expect(asked.slice(0, 2)).toEqual(['/begin', '/ready'])
  keeper.preStop(run.invocation)
  keeper.preStop(run.invocation)
  expect(healthOf(run)).toMatchObject({ preStop: 'runs' })
  // also after a bad answer
  await until('the hook is done', () => healthOf(run)?.preStop === 'done')
  expect(asked.filter((path) => path === '/end')).toHaveLength(1)
})

test('a run whose first hook fails has to end', async () => {
  const run = runOf({ lifecycle: { postStart: { httpGet: { path: '/no', port } } } })
  begin().see([run])
  const failed = await until('it has to end', () => healthOf(run)?.failed)
  expect(failed.why).toBe('its postStart hook failed: HTTP probe failed with statuscode: 404')
})

test('what was reported of a run stays when the program begins anew, and of another run it does not', () => {
  const status = (letter: string) => ({
    status: {
      containerStatuses: [
        { name: 'uptimed', containerID: `systemd://${letter.repeat(32)}`, started: true, ready: true },
      ],
    },
  })
  const container = { readinessProbe: http('/ready'), startupProbe: http('/started') }
  const [same, other] = [runOf(container, status('a')), runOf(container, status('b'), 'c'.repeat(32))]
  begin().see([same, other])
  expect([healthOf(same), healthOf(other)]).toEqual([
    { isStarted: true, isReady: true },
    { isStarted: false, isReady: false },
  ])
})

test('a container without probes and hooks is not kept', () => {
  begin().see([runOf({})])
  expect(keeper.healths.size).toBe(0)
})

test('only a run of the Pod itself, which has begun and not ended, is asked', () => {
  const pod = samplePod({ container: { readinessProbe: { tcpSocket: { port: 1 } } } })
  const unit = 'vks.default.uptimed.uptimed.service'
  const textOf = (of = pod, after?: string) => {
    const [one = expect.unreachable()] = of.containers
    const prepared = { program: ['/bin/true'], variables: new Set<string>() }
    const run = after === undefined ? { run: 0 } : { run: 1, after }
    return unitText(containerUnit(of, one, prepared, run, { hidden: [], mounts: [], mostTasks: 9, mostPods: 110 }))
  }
  const runs = (text: string, settings: Readonly<Record<string, string>> = {}) => {
    const found = shownUnits(shown({ MainPID: '77', ...settings })).get(unit) ?? expect.unreachable()
    return runningNow([{ kind: 'pod', pod }], new Map([[unit, { text, shown: found }]]), '10.0.0.1').map(
      ({ pid }) => pid,
    )
  }
  expect(runs(textOf())).toEqual([77])
  expect(runs(textOf({ ...pod, uid: 'other' }))).toEqual([])
  expect(runs(textOf(pod, 'a'.repeat(32)))).toEqual([])
  expect(runs(textOf(), { SubState: 'exited' })).toEqual([])
  expect(runs(textOf(), { ActiveState: 'failed' })).toEqual([])
  expect(runs(textOf(), { MainPID: '0' })).toEqual([])
})
